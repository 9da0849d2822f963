import { jsonText } from './json-text.ts';
import type { FieldValue, LogRecord } from './record.ts';
import { formatTime } from './time.ts';
import { valuesOf } from './field-access.ts';

/**
 * A record as one line of JSON without a line end: `@timestamp level service message host trace_id span_id log_id
 * received_at`, then the fields as they came; absent ones are left out. `@timestamp` has the precision and zone it
 * came with. With `pick`, only those names, in that order: one value as it is, several as an array.
 */
export function toWireJson(record: LogRecord, pick?: readonly string[]): string {
  if (pick !== undefined) return picked(record, pick);
  let out = `{"@timestamp":${JSON.stringify(record.tsText ?? formatTime(record.ts))},"level":"${record.level}"`;
  if (record.service !== undefined) out += `,"service":${JSON.stringify(record.service)}`;
  if (record.message !== undefined) out += `,"message":${JSON.stringify(record.message)}`;
  if (record.host !== undefined) out += `,"host":${JSON.stringify(record.host)}`;
  if (record.trace_id !== undefined) out += `,"trace_id":${JSON.stringify(record.trace_id)}`;
  if (record.span_id !== undefined) out += `,"span_id":${JSON.stringify(record.span_id)}`;
  out += `,"log_id":${JSON.stringify(record.log_id)},"received_at":"${formatTime(record.receivedAt)}"`;
  for (const key of Object.keys(record.fields)) {
    out += `,${JSON.stringify(key)}:${jsonText(record.fields[key] as FieldValue)}`;
  }
  return `${out}}`;
}

function picked(record: LogRecord, names: readonly string[]): string {
  const parts: string[] = [];
  for (const name of names) {
    const values = name === '@timestamp' ? [record.tsText ?? formatTime(record.ts)] : valuesOf(record, name);
    if (values.length === 0) continue;
    parts.push(`${JSON.stringify(name)}:${jsonText(values.length === 1 ? (values[0] as FieldValue) : values)}`);
  }
  return `{${parts.join(',')}}`;
}
