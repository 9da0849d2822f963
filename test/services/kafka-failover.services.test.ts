import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openKafkaSink } from '../../src/lib/adapters/kafka/kafka-sink.ts';
import { openKafkaSource } from '../../src/lib/adapters/kafka/kafka-source.ts';
import { eachEvent } from '../../src/lib/record/events.ts';
import { deliver } from '../../src/lib/send/deliver.ts';
import { batchOf } from '../contracts/sink.ts';
import { type OwnServer, ownServer } from './servers.ts';

const three = await ownServer('kafka-3');
const one = await ownServer('kafka');
const signal = new AbortController().signal;

afterAll(async () => {
  await three.stop();
  await one.stop();
});

/** Numbers of the events of a topic, by their services, in the order in which they stand there; and how often ids stand twice. */
async function stored(address: string) {
  const byService = new Map<string, number[]>();
  const ids = new Set<string>();
  let events = 0;
  const source = await openKafkaSource(address);
  for await (const each of source.read(new Map(), { follow: false }, signal)) {
    const { batch } = each;
    eachEvent(batch.bytes, batch.joins, (start, end) => {
      const { service, n } = JSON.parse(Buffer.from(batch.bytes.subarray(start, end)).toString()) as {
        service: string;
        n: number;
      };
      byService.set(service, [...(byService.get(service) ?? []), n]);
      events += 1;
    });
    for (const id of batch.ids ?? []) ids.add(id);
    each.done();
  }
  await source.close();
  return { byService, ids: ids.size, events };
}

async function produceWhile(
  server: OwnServer,
  topic: string,
  params: string,
  accident: () => Promise<void>,
  total: number,
) {
  const sink = await openKafkaSink(`${server.url}/${topic}?create=true&${params}`);
  await sink.check(signal);
  const refused: unknown[] = [];
  const deadLetters = {
    put: async (letters: readonly unknown[]) => void refused.push(...letters),
    close: async () => undefined,
  };
  const delivery = deliver(sink, { deadLetters, tell: () => undefined });
  let accidents: Promise<void> | undefined;
  for (let n = 0; n < total; n += 50) {
    if (n >= total / 2) accidents ??= accident();
    const lines = Array.from({ length: 50 }, (_, i) => `{"service":"s${(n + i) % 13}","n":${n + i}}`);
    await delivery.send(batchOf(lines), signal);
  }
  await accidents;
  await delivery.close();
  expect(refused).toEqual([]);
  const { byService, ids, events } = await stored(`${server.url}/${topic}?group=${topic}`);
  expect(ids).toBe(total);
  expect(events).toBe(total);
  for (const numbers of byService.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
}

describe('Kafka when brokers die', () => {
  it.skipIf(three.missing)('loses nothing, orders and doubles nothing while one of three dies', async () => {
    await produceWhile(three, 'kill', 'partitions=6&replication=3', () => three.kill({ node: 2 }), 3000);
  });

  it.skipIf(one.missing)('goes on when its only broker is killed and started again', async () => {
    const restart = async () => {
      await one.kill();
      await sleep(1000);
      await one.start();
    };
    await produceWhile(one, 'restart', 'partitions=4&replication=1', restart, 3000);
  });
});
