import kafkajs from 'kafkajs';
import { Type } from 'avsc';
import { describe, expect, it } from 'vitest';
import { openKafkaSink } from '../../src/lib/adapters/kafka/kafka-sink.ts';
import { openKafkaSource } from '../../src/lib/adapters/kafka/kafka-source.ts';
import { openRegistry, withSchemaId } from '../../src/lib/adapters/kafka/schema-registry.ts';
import type { AcknowledgedBatch } from '../../src/lib/read/batch-source.ts';
import { parseEvent } from '../../src/lib/parse/parse-event.ts';
import { formatLogId } from '../../src/lib/record/log-id.ts';
import { toWireJson } from '../../src/lib/record/wire-json.ts';
import { batchOf } from '../contracts/sink.ts';
import { server } from './servers.ts';

const kafka = await server('kafka');
const registry = await server('registry');
const signal = new AbortController().signal;

async function readAll(address: string): Promise<AcknowledgedBatch[]> {
  const source = await openKafkaSource(address);
  const batches: AcknowledgedBatch[] = [];
  for await (const each of source.read(new Map(), { follow: false }, signal)) {
    batches.push(each);
    each.done();
  }
  await source.close();
  return batches;
}

describe.skipIf(kafka.missing ?? registry.missing)('Avro by a Schema Registry', () => {
  const at = (topic: string, more = '') => `${kafka.url}/${topic}?registry=${registry.url}&group=${topic}${more}`;

  it.each(['json', 'avro'])('gives the same records as their bytes in %s', async (format) => {
    const topic = `kafka-${format}-${process.pid}`;
    const lines = [
      '{"@timestamp":"2024-03-01T10:00:00.123456789+01:00","level":"warn","service":"shop","n":9007199254740993,"a":{"b":[1,null]}}',
      'level=error service=pay msg="it failed" took=1.50',
      'plain text, no time',
      '{"__proto__":1,"trace_id":"04c87ec97bae041b1b15b3c7676a43cc","message":""}',
    ];
    const ids = lines.map((_, n) => formatLogId(1_709_283_600_500, 'aabbccddeeff', 1, n));
    const context = { host: 'h1', fields: { env: 'p' } };
    const sink = await openKafkaSink(at(topic, `&format=${format}&create=true&partitions=1`));
    await sink.check(signal);
    expect(await sink.send({ ...batchOf(lines), ids, context }, signal)).toEqual({ accepted: 4, rejected: [] });
    await sink.close();
    const [read] = await readAll(at(topic));
    expect(read?.batch.ids).toEqual(ids);
    const receivedAt = 1_709_283_600_500_000_000n;
    const events = Buffer.from(read?.batch.bytes ?? [])
      .toString()
      .trimEnd()
      .split('\n');
    const again = events.map((event, n) =>
      parseEvent(Buffer.from(event), read?.batch.context ?? {}, receivedAt, ids[n]!),
    );
    const before = lines.map((line, n) => parseEvent(Buffer.from(line), context, receivedAt, ids[n]!));
    expect(again.map((record) => toWireJson(record))).toEqual(before.map((record) => toWireJson(record)));
  });

  it('reads values of any schema as JSON, and tells those without one', async () => {
    const topic = `kafka-avro-foreign-${process.pid}`;
    const schema = {
      type: 'record',
      name: 'Order',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'day', type: { type: 'int', logicalType: 'date' } },
        { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        { name: 'note', type: ['null', 'string'] },
        { name: 'either', type: ['int', 'string', { type: 'map', values: 'double' }] },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['NEW', 'OLD'] } },
        { name: 'raw', type: 'bytes' },
      ],
    };
    const id = await openRegistry(registry.url).register(`${topic}-value`, schema);
    const value = Type.forSchema(schema as never).toBuffer({
      id: 77,
      at: 1_709_283_600_123,
      day: 19_783,
      price: Buffer.from([0xff, 0x85]),
      note: 'hi',
      either: { m: 1.5 },
      kind: 'OLD',
      raw: Buffer.from([1, 2]),
    });
    const client = new kafkajs.Kafka({ brokers: [kafka.url.slice(8)], logLevel: 0 });
    const producer = client.producer();
    await producer.connect();
    const sink = await openKafkaSink(at(topic, '&create=true&partitions=1'));
    await sink.check(signal);
    await sink.close();
    await producer.send({
      topic,
      messages: [
        { value: withSchemaId(id, value) },
        { value: withSchemaId(999_999, value) },
        { value: withSchemaId(id, Buffer.from([1])) },
      ],
    });
    await producer.disconnect();
    const batches = await readAll(at(topic));
    expect(batches.map(({ batch }) => Buffer.from(batch.bytes).toString()).join('')).toBe(
      '{"id":77,"at":"2024-03-01T09:00:00.123Z","day":"2024-03-01","price":-1.23,"note":"hi","either":{"m":1.5},"kind":"OLD","raw":"AQI="}\n',
    );
    const unreadable = batches.flatMap((each) => each.unreadable);
    expect(unreadable.map(({ origin }) => origin['offset'])).toEqual(['1', '2']);
    expect(unreadable[0]?.reason).toContain('its schema 999999 is not known');
  });

  it('says who does not answer', async () => {
    const sink = await openKafkaSink(`${kafka.url}/t?format=avro&registry=http://127.0.0.1:1&create=true`);
    await expect(sink.check(signal)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('http://127.0.0.1:1: the Schema Registry'),
    });
    await sink.close();
  });
});
