import { brokerProcess, brokerSettings, KAFKA_JAVA, kafkaHome, prepareBroker } from './kafka-broker.mjs';
import { accepts } from './ports.mjs';

const IDS = [1, 2, 3];

/** Three brokers that keep three copies and acknowledge at two, so that one may die. */
export const kafkaThree = {
  java: KAFKA_JAVA,
  ports: { broker1: 9291, broker2: 9292, broker3: 9293, controller1: 9391, controller2: 9392, controller3: 9393 },
  install: kafkaHome,
  prepare({ home, java, folder, ports }) {
    const voters = IDS.map((id) => `${id}@127.0.0.1:${ports[`controller${id}`]}`).join(',');
    for (const id of IDS) {
      const listeners = `PLAINTEXT://127.0.0.1:${ports[`broker${id}`]},CONTROLLER://127.0.0.1:${ports[`controller${id}`]}`;
      const settings = {
        ...brokerSettings({ id, folder, listeners, voters, copies: IDS.length }),
        // Nine seconds, unless said otherwise, until the partitions of a dead broker get a new leader.
        'broker.session.timeout.ms': 3000,
        'broker.heartbeat.interval.ms': 1000,
      };
      prepareBroker({ home, java, folder, settings });
    }
  },
  nodes: ({ home, java, folder, ports }) =>
    IDS.map((id) => ({ port: ports[`broker${id}`], ...brokerProcess({ home, java, folder, id, heap: 300 }) })),
  isReady: (port) => accepts(port),
  describe: (ports) => ({ url: `kafka://${IDS.map((id) => `127.0.0.1:${ports[`broker${id}`]}`).join(',')}` }),
};
