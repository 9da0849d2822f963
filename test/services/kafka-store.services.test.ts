import { describe } from 'vitest';
import { openKafkaSink } from '../../src/lib/adapters/kafka/kafka-sink.ts';
import { openKafkaStore } from '../../src/lib/adapters/kafka/kafka-store.ts';
import { storeContract } from '../contracts/store.ts';
import { server } from './servers.ts';

const kafka = await server('kafka');
const signal = new AbortController().signal;
let topics = 0;

describe.skipIf(kafka.missing)('topics as a store', () => {
  storeContract(
    'kafka',
    async () => {
      // One partition: what arrives is followed in the order in which it was sent.
      const topic = `kafka-store-${process.pid}-${topics++}`;
      const sink = await openKafkaSink(`${kafka.url}/${topic}?create=true&partitions=1&replication=1`);
      await sink.check(signal);
      const store = await openKafkaStore(`${kafka.url}/${topic}`, () => undefined);
      return {
        store,
        async ingest(lines) {
          const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
          await sink.send({ bytes, lines: lines.length, events: lines.length, context: {} }, signal);
        },
        async close() {
          await sink.close();
          await store.close();
        },
      };
    },
    { follows: true },
  );
});
