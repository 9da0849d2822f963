import { brokerProcess, brokerSettings, KAFKA_JAVA, kafkaHome, prepareBroker } from './kafka-broker.mjs';
import { accepts } from './ports.mjs';

/** One broker, no security. */
export const kafka = {
  java: KAFKA_JAVA,
  ports: { broker: 9092, controller: 9094 },
  install: kafkaHome,
  prepare({ home, java, folder, ports }) {
    const settings = brokerSettings({
      id: 1,
      folder,
      listeners: `PLAINTEXT://127.0.0.1:${ports.broker},CONTROLLER://127.0.0.1:${ports.controller}`,
      voters: `1@127.0.0.1:${ports.controller}`,
      copies: 1,
    });
    prepareBroker({ home, java, folder, settings });
  },
  nodes: ({ home, java, folder, ports }) => [
    { port: ports.broker, ...brokerProcess({ home, java, folder, id: 1, heap: 512 }) },
  ],
  isReady: (port) => accepts(port),
  describe: (ports) => ({ url: `kafka://127.0.0.1:${ports.broker}` }),
};
