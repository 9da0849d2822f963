import { jsonText } from '../../record/json-text.ts';
import { formatTime } from '../../record/time.ts';
import type { Fields, FieldValue, LogRecord } from '../../record/record.ts';
import type { Encoder } from './encode-batch.ts';
import type { AvroReader } from './message-event.ts';
import { AVRO_TYPE } from './message-headers.ts';
import { openRegistry, withSchemaId } from './schema-registry.ts';
import { Type } from './schema-registry-api.ts';

const TEXT = { type: ['null', 'string'], default: null };
const TEXTS = ['service', 'message', 'host', 'trace_id', 'span_id'] as const;

/**
 * A record in Avro: times as RFC 3339 in the precision they came with, and everything without a role as JSON in
 * `fields`, since an event may have any.
 */
const SCHEMA = {
  type: 'record',
  name: 'LogRecord',
  namespace: 'toolkit.logs',
  fields: [
    { name: 'timestamp', type: 'string' },
    { name: 'level', type: 'string' },
    ...TEXTS.map((name) => ({ name, ...TEXT })),
    { name: 'log_id', type: 'string' },
    { name: 'received_at', type: 'string' },
    { name: 'fields', type: 'string' },
  ],
};

/** Writes records in Avro under the schema that is registered for a topic: asks the registry. */
export async function avroEncoder(registry: string, topic: string): Promise<Encoder> {
  const type = Type.forSchema(SCHEMA as never);
  const id = await openRegistry(registry).register(`${topic}-value`, SCHEMA);
  return { contentType: AVRO_TYPE, ofRecord: (record) => withSchemaId(id, type.toBuffer(avroOf(record))) };
}

function avroOf(record: LogRecord) {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, record[name] ?? null]));
  return {
    timestamp: record.tsText ?? formatTime(record.ts),
    level: record.level,
    ...texts,
    log_id: record.log_id,
    received_at: formatTime(record.receivedAt),
    fields: jsonText(record.fields),
  };
}

/** Reads values of any schema in a registry as one line of JSON; those of ours as the records that they were made of. */
export function avroReader(registry: string): AvroReader {
  const source = openRegistry(registry);
  return {
    async read(value) {
      const read = await source.read(value);
      return Buffer.from(isOurs(read) ? lineOf(read) : jsonText(read));
    },
  };
}

/** All that our schema has, and nothing else. */
function isOurs(value: FieldValue): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).join() === SCHEMA.fields.map(({ name }) => name).join();
}

/** As `toWireJson` has it, but without the id and the time of receipt: they come with the message. */
function lineOf(record: Fields): string {
  let line = `{"@timestamp":${jsonText(record['timestamp'] ?? null)}`;
  for (const name of ['level', ...TEXTS]) {
    const value = record[name] ?? null;
    if (value !== null && !(name === 'level' && value === 'UNKNOWN')) line += `,"${name}":${jsonText(value)}`;
  }
  const { fields } = record;
  if (typeof fields !== 'string' || !fields.startsWith('{')) return `${line}}`;
  return fields === '{}' ? `${line}}` : `${line},${fields.slice(1)}`;
}
