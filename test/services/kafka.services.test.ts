import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, it } from 'vitest';
import { installCodecs } from '../../src/lib/adapters/kafka/codecs.ts';
import { openKafkaSink } from '../../src/lib/adapters/kafka/kafka-sink.ts';
import { openKafkaSource } from '../../src/lib/adapters/kafka/kafka-source.ts';
import { consumerLag, createTopics, describeTopics } from '../../src/lib/adapters/kafka/topic-admin.ts';
import { LogsError } from '../../src/lib/errors.ts';
import type { AcknowledgedBatch, BatchSource } from '../../src/lib/read/batch-source.ts';
import { eachEvent } from '../../src/lib/record/events.ts';
import { formatLogId } from '../../src/lib/record/log-id.ts';
import type { SizedBatch } from '../../src/lib/send/sink.ts';
import { type SinkUnderTest, sinkContract } from '../contracts/sink.ts';
import { server } from './servers.ts';

const kafka = await server('kafka');
const signal = new AbortController().signal;
let topics = 0;
const newTopic = (): string => `kafka-${process.pid}-${topics++}`;

function batchOf(events: readonly string[], more: Partial<SizedBatch> = {}): SizedBatch {
  const bytes = Buffer.from(events.map((event) => `${event}\n`).join(''));
  const joins = events.map((event) => event.split('\n').length);
  const lines = joins.reduce((sum, count) => sum + count, 0);
  return {
    bytes,
    lines,
    events: events.length,
    ...(lines === events.length ? {} : { joins }),
    context: {},
    ...more,
  };
}

function eventsOf({ batch }: AcknowledgedBatch): string[] {
  const events: string[] = [];
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    events.push(Buffer.from(batch.bytes.subarray(start, end)).toString());
  });
  return events;
}

async function readAll(source: BatchSource): Promise<AcknowledgedBatch[]> {
  const batches: AcknowledgedBatch[] = [];
  for await (const batch of source.read(new Map(), { follow: false }, signal)) {
    batches.push(batch);
    batch.done();
  }
  await source.close();
  return batches;
}

const failureOf = (work: Promise<unknown>): Promise<LogsError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => (error instanceof LogsError ? error : Promise.reject(error)),
  );

describe.skipIf(kafka.missing)('Kafka', () => {
  const at = (topic: string, params = ''): string => `${kafka.url}/${topic}${params}`;

  async function ship(topic: string, batches: readonly SizedBatch[], params = '?create=true&partitions=3') {
    const sink = await openKafkaSink(at(topic, params));
    await sink.check(signal);
    const outcomes = [];
    for (const batch of batches) outcomes.push(await sink.send(batch, signal));
    await sink.close();
    return outcomes;
  }

  sinkContract('kafka', async (): Promise<SinkUnderTest> => {
    const topic = newTopic();
    const sink = await openKafkaSink(at(topic, '?create=true&partitions=1'));
    return {
      sink,
      messages: async () => (await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))).flatMap(eventsOf),
      dispose: async () => undefined,
    };
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('writes and reads %s, event for event', async (compression) => {
    const topic = newTopic();
    const events = Array.from({ length: 3000 }, (_, n) =>
      n % 50 === 0 ? `trace ${n}\n  at x` : `{"service":"s${n % 5}","n":${n}}`,
    );
    const ids = events.map((_, n) => formatLogId(1_700_000_000_000, 'aabbccddeeff', 9, n));
    const context = { file: '/var/log/x', zone: 'Europe/Berlin', fields: { env: 'p' } };
    const params = `?create=true&partitions=3&compression=${compression}`;
    expect(await ship(topic, [batchOf(events, { ids, context })], params)).toEqual([{ accepted: 3000, rejected: [] }]);
    const batches = await readAll(await openKafkaSource(at(topic, `?group=${topic}`)));
    const read = new Map(batches.flatMap((each) => eventsOf(each).map((event, n) => [each.batch.ids?.[n], event])));
    expect(read).toEqual(new Map(ids.map((id, n) => [id, events[n]])));
    for (const { batch } of batches) expect(batch.context).toEqual(context);
  });

  it('keeps what has one key in one partition, in order, where other clients look for it', async () => {
    const topic = newTopic();
    const events = Array.from({ length: 1000 }, (_, n) => `{"service":"s${n % 7}","n":${n}}`);
    await ship(topic, [batchOf(events.slice(0, 500)), batchOf(events.slice(500))]);
    const seen = new Map<string, { partition: string; n: number }>();
    for (const { batch, ...rest } of await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))) {
      eventsOf({ batch, ...rest }).forEach((event, index) => {
        const { service, n } = JSON.parse(event) as { service: string; n: number };
        const partition = batch.origin?.(index)['partition'] ?? '';
        const before = seen.get(service);
        if (before !== undefined) expect(before.partition).toBe(partition);
        expect(n).toBeGreaterThan(before?.n ?? -1);
        seen.set(service, { partition, n });
      });
    }
    // kafkajs with Java's partitioner puts them there as well.
    const producer = new kafkajs.Kafka({ brokers: [kafka.url.slice(8)], logLevel: 0 }).producer();
    await producer.connect();
    for (const [service, { partition }] of seen) {
      const [result] = await producer.send({ topic, messages: [{ key: service, value: 'x' }] });
      expect(String(result?.partition)).toBe(partition);
    }
    await producer.disconnect();
  });

  it('gives others the id, the type and the key of each message', async () => {
    const topic = newTopic();
    const id = formatLogId(1_700_000_000_123, 'aabbccddeeff', 1, 0);
    await ship(topic, [batchOf(['{"service":"shop"}'], { ids: [id] })]);
    const consumer = new kafkajs.Kafka({ brokers: [kafka.url.slice(8)], logLevel: 0 }).consumer({
      groupId: topic,
      maxWaitTimeInMs: 200,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    installCodecs();
    const message = await new Promise<kafkajs.KafkaMessage>((resolve) => {
      void consumer.run({ eachMessage: async (payload) => resolve(payload.message) });
    });
    await consumer.disconnect();
    expect(message.key?.toString()).toBe('shop');
    expect(message.timestamp).toBe('1700000000123');
    expect(message.headers?.['log_id']?.toString()).toBe(id);
    expect(message.headers?.['content-type']?.toString()).toBe('application/json');
  });

  it('commits what is done and nothing else, and goes on there', async () => {
    const topic = newTopic();
    await ship(topic, [batchOf(['a', 'b']), batchOf(['c'])], '?create=true&partitions=1');
    const first = await openKafkaSource(at(topic, `?group=${topic}`));
    for await (const _ of first.read(new Map(), { follow: false }, signal)) continue;
    await first.close();
    expect((await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))).flatMap(eventsOf)).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))).toEqual([]);
    expect(await consumerLag(at(topic), topic)).toMatchObject({ lag: 0, partitions: [{ offset: 3, end: 3, lag: 0 }] });
  });

  it('goes on from the marks of a sink that knows more than the group', async () => {
    const topic = newTopic();
    await ship(topic, [batchOf(['a', 'b', 'c', 'd'])], '?create=true&partitions=1');
    const source = await openKafkaSource(at(topic, `?group=${topic}`));
    const [batch] = await readAll(await openKafkaSource(at(topic, `?group=${topic}-other`)));
    const id = batch?.batch.source?.id ?? '';
    const read: string[] = [];
    for await (const each of source.read(new Map([[id, { id, position: 3 }]]), { follow: false }, signal)) {
      read.push(...eventsOf(each));
    }
    await source.close();
    expect(read).toEqual(['d']);
  });

  it('loses nothing and gives nothing twice while members come and go', async () => {
    const topic = newTopic();
    const total = 20_000;
    await ship(topic, [], '?create=true&partitions=6');
    const seen: string[] = [];
    const members: { source: BatchSource; stop: AbortController; done: Promise<void> }[] = [];
    const join = async () => {
      const source = await openKafkaSource(at(topic, `?group=${topic}`));
      const stop = new AbortController();
      const done = (async () => {
        for await (const each of source.read(new Map(), { follow: true }, stop.signal)) {
          seen.push(...(each.batch.ids ?? []));
          each.done();
        }
      })();
      members.push({ source, stop, done });
    };
    const leave = async () => {
      const member = members.shift();
      member?.stop.abort();
      await member?.done;
      await member?.source.close();
    };
    await join();
    const sink = await openKafkaSink(at(topic));
    const sending = (async () => {
      for (let n = 0; n < total; n += 500) {
        await sink.send(
          batchOf(Array.from({ length: 500 }, (_, i) => `{"service":"s${(n + i) % 40}","n":${n + i}}`)),
          signal,
        );
        await sleep(100);
      }
    })();
    await sleep(1500);
    await join();
    await sleep(1500);
    await leave();
    await sending;
    const until = Date.now() + 30_000;
    while (new Set(seen).size < total && Date.now() < until) await sleep(100);
    await leave();
    await sink.close();
    expect(new Set(seen).size).toBe(total);
    expect(seen.length).toBe(total);
  });

  it('splits what is too large, and rejects an event that is too large alone', async () => {
    const topic = newTopic();
    const noise = Array.from({ length: 1_200_000 }, (_, n) =>
      String.fromCharCode(33 + ((n * 7919 * (n % 89)) % 90)),
    ).join('');
    const [outcome] = await ship(
      topic,
      [batchOf(['small', noise, 'last'])],
      '?create=true&partitions=1&compression=none',
    );
    expect(outcome).toMatchObject({ accepted: 2, rejected: [{ event: 1 }] });
    expect(outcome?.rejected[0]?.reason).toMatch(/takes \d{7} bytes as a message, and the topic takes \d+/);
  });

  it('ends at the end of topics that have nothing, and of what transactions left', async () => {
    const topic = newTopic();
    await ship(topic, [], '?create=true&partitions=4');
    expect(await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))).toEqual([]);
    const client = new kafkajs.Kafka({ brokers: [kafka.url.slice(8)], logLevel: 0 });
    const producer = client.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const end of ['commit', 'abort'] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: end })) });
      await transaction[end]();
    }
    await producer.disconnect();
    const batches = await readAll(await openKafkaSource(at(topic, `?group=${topic}`)));
    expect(batches.flatMap(eventsOf)).toEqual(['commit', 'commit']);
    expect(await readAll(await openKafkaSource(at(topic, `?group=${topic}`)))).toEqual([]);
  });

  it('passes a bomb, and tells where it was', async () => {
    const topic = newTopic();
    await ship(topic, [batchOf(['before'])], '?create=true&partitions=1');
    installCodecs();
    const codecs = kafkajs.CompressionCodecs as { [type: number]: unknown };
    const { CODECS } = await import('../../src/lib/adapters/kafka/codecs.ts');
    codecs[2] = () => ({ compress: ({ buffer }: { buffer: Buffer }) => CODECS.snappy.compress(buffer) });
    const producer = new kafkajs.Kafka({ brokers: [kafka.url.slice(8)], logLevel: 0 }).producer();
    await producer.connect();
    await producer
      .send({ topic, compression: 2, messages: [{ value: Buffer.alloc(60_000_000) }] })
      .catch(() => undefined);
    codecs[1] = () => ({ compress: ({ buffer }: { buffer: Buffer }) => CODECS.gzip.compress(buffer) });
    await producer.send({ topic, compression: 1, messages: [{ value: Buffer.alloc(60_000_000) }] });
    await producer.disconnect();
    await ship(topic, [batchOf(['after'])]);
    const batches = await readAll(await openKafkaSource(at(topic, `?group=${topic}`)));
    expect(batches.flatMap(eventsOf)).toEqual(['before', 'after']);
    const unreadable = batches.flatMap((each) => each.unreadable);
    expect(unreadable.length).toBeGreaterThan(0);
    expect(unreadable[0]).toMatchObject({ origin: { topic, partition: '0', offset: '1' } });
    expect(unreadable.at(-1)?.reason).toContain('gzip cannot be inflated');
  });

  it('says what to do about a topic and a group that are not there', async () => {
    const topic = newTopic();
    await ship(topic, []);
    const sink = await openKafkaSink(at(`${topic}x`));
    const failure = await failureOf(sink.check(signal));
    expect(failure).toMatchObject({ code: 'REMOTE_UNSUITABLE' });
    expect(failure.message).toContain(`there is no topic ${topic}x`);
    expect(failure.hint).toContain('logs kafka create');
    const source = await openKafkaSource(at(`${topic}-none-*`));
    expect(await failureOf(source.check(signal))).toMatchObject({ code: 'REMOTE_UNSUITABLE' });
    expect(await failureOf(consumerLag(at(topic), `${topic}-g`))).toMatchObject({ code: 'REMOTE_UNSUITABLE' });
  });

  it('makes topics, describes them, and leaves those that are there', async () => {
    const [a, b] = [newTopic(), newTopic()];
    const made = await createTopics(at(`${a},${b}`), { partitions: 5, replication: 1, retentionMs: 86_400_000 });
    expect(made.every(({ created, partitions }) => created && partitions === 5)).toBe(true);
    expect(await createTopics(at(a), { partitions: 9 })).toEqual([{ topic: a, created: false, partitions: 5 }]);
    await ship(a, [batchOf(['x', 'y'])]);
    expect(await describeTopics(at(a))).toEqual([
      { topic: a, partitions: 5, replication: 1, messages: 2, retentionMs: 86_400_000, underReplicated: 0 },
    ]);
    expect(await failureOf(createTopics(at(newTopic()), { replication: 3 }))).toMatchObject({
      code: 'REMOTE_UNSUITABLE',
    });
  });

  it('tells a wrong address within three seconds', async () => {
    const began = Date.now();
    const sink = await openKafkaSink('kafka://127.0.0.1:1,127.0.0.1:2/t');
    const failure = await failureOf(sink.check(signal));
    expect(failure).toMatchObject({ code: 'UNREACHABLE' });
    expect(failure.message).toBe('kafka://127.0.0.1:1,127.0.0.1:2/t: cannot connect: nobody listens there');
    expect(Date.now() - began).toBeLessThan(3000);
  });

  afterAll(() => installCodecs());
});
