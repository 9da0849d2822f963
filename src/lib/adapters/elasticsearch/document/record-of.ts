import { define } from '../../../parse/draft.ts';
import { isFields } from '../../../parse/json.ts';
import { readJson } from '../../../parse/json-reader.ts';
import { RESERVED } from '../../../record/aliases.ts';
import type { Level } from '../../../record/level.ts';
import type { Fields, FieldValue, LogRecord } from '../../../record/record.ts';
import { parseTime } from '../../../record/time.ts';
import { toWireJson } from '../../../record/wire-json.ts';
import type { Moved } from './document-of.ts';
import { BESIDE, INEXACT, REST } from './names.ts';

export interface StoredRecord {
  readonly record: LogRecord;
  /** `raw` is the bytes received; else they were not kept, and it is the record's wire JSON. */
  readonly original: boolean;
}

const ORIGINAL = 'event.original';

/**
 * The record that `documentOf` made a document of. `source`: its `_source` as `readJson` gives it, which unlike
 * `JSON.parse` keeps every number as it was written. Undefined for a document that is not ours.
 */
export function recordOf(source: Fields): StoredRecord | undefined {
  const rest = own(source, REST);
  const time = own(source, '@timestamp');
  const received = instantOf(own(source, 'received_at'));
  const logId = own(source, 'log_id');
  if (!isFields(rest) || typeof time !== 'string' || received === undefined || typeof logId !== 'string') {
    return undefined;
  }
  const moment = own(rest, 'ts');
  const ts = typeof moment === 'string' ? BigInt(moment) : instantOf(time);
  if (ts === undefined) return undefined;
  const tsText = Object.hasOwn(rest, 'time') ? textOf(rest, 'time') : time;
  const original = own(rest, 'original');
  const record = {
    ts,
    tsText,
    receivedAt: received,
    level: (textOf(source, 'level') ?? 'UNKNOWN') as Level,
    service: textOf(source, 'service'),
    message: textOf(source, 'message'),
    host: textOf(source, 'host'),
    trace_id: textOf(source, 'trace_id'),
    span_id: textOf(source, 'span_id'),
    log_id: logId,
    fields: fieldsOf(source, rest, original === true),
    format: textOf(rest, 'format') ?? 'json',
  };
  const raw =
    original === true
      ? Buffer.from(textOf(source, ORIGINAL) ?? '')
      : typeof original === 'string'
        ? Buffer.from(original, 'base64')
        : undefined;
  const whole = { ...record, raw: raw ?? NO_BYTES };
  return {
    record: raw === undefined ? { ...whole, raw: Buffer.from(toWireJson(whole)) } : whole,
    original: raw !== undefined,
  };
}

const NO_BYTES = new Uint8Array();

/** The fields in the order they came, those that had to move back at their places. */
function fieldsOf(source: Fields, rest: Fields, hasOriginal: boolean): Fields {
  const text = textOf(rest, 'fields');
  const moved = text === undefined ? [] : (JSON.parse(text) as Moved[]);
  const away = new Set(moved.map(([, name]) => name));
  const stayed: [string, FieldValue][] = [];
  for (const name of Object.keys(source)) {
    if (name === REST || name === BESIDE || name === INEXACT || away.has(name)) continue;
    if (RESERVED.has(name) || (hasOriginal && name === ORIGINAL)) continue;
    stayed.push([name, source[name] as FieldValue]);
  }
  const beside = own(source, BESIDE);
  const fields: Fields = {};
  let next = 0;
  for (const [index, name, json] of moved) {
    // What stands before it in the record: those that stayed, less those that moved too.
    for (let count = index - Object.keys(fields).length; count > 0 && next < stayed.length; count--) {
      define(fields, ...(stayed[next++] as [string, FieldValue]));
    }
    const value = json === undefined ? (isFields(beside) ? own(beside, name) : undefined) : readJson(json).value;
    if (value !== undefined) define(fields, name, value);
  }
  for (; next < stayed.length; next++) define(fields, ...(stayed[next] as [string, FieldValue]));
  return fields;
}

function own(fields: Fields, name: string): FieldValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = own(fields, name);
  return typeof value === 'string' ? value : undefined;
}

function instantOf(value: FieldValue | undefined): bigint | undefined {
  return typeof value === 'string' ? parseTime(value)?.ns : undefined;
}
