import { valuesOf } from '../record/field-access.ts';
import { jsonText } from '../record/json-text.ts';
import { type FieldValue, type Fields, type LogRecord, RawNumber } from '../record/record.ts';
import { formatTime } from '../record/time.ts';
import type { Selection } from './output.ts';

export type Entry = readonly [name: string, value: FieldValue];

/** A record's names and values in the order of the wire format; absent roles are left out. */
function entriesOf(record: LogRecord): Entry[] {
  const entries: Entry[] = [
    ['@timestamp', timeOf(record)],
    ['level', record.level],
  ];
  for (const role of ['service', 'message', 'host', 'trace_id', 'span_id'] as const) {
    const value = record[role];
    if (value !== undefined) entries.push([role, value]);
  }
  entries.push(['log_id', record.log_id], ['received_at', formatTime(record.receivedAt)]);
  entries.push(...Object.entries(record.fields));
  return entries;
}

/** What of a record is written under `selection`. A picked field that has several values gives them as an array. */
export function selectEntries(record: LogRecord, selection: Selection): Entry[] {
  if (selection.pick !== undefined) {
    return selection.pick.flatMap((name): Entry[] => {
      const value = pickValue(record, name);
      return value === undefined ? [] : [[name, value]];
    });
  }
  const entries = entriesOf(record);
  return selection.drop === undefined ? entries : dropEntries(entries, selection.drop);
}

/** The value under one name; undefined where the record has none. */
export function pickValue(record: LogRecord, name: string): FieldValue | undefined {
  if (name === '@timestamp') return timeOf(record);
  const values = valuesOf(record, name);
  return values.length > 1 ? [...values] : values[0];
}

/** The record's time as it came, or as understood where it came in a form of its own. */
function timeOf(record: LogRecord): string {
  return record.tsText ?? formatTime(record.ts);
}

function dropEntries(entries: readonly Entry[], drop: readonly string[]): Entry[] {
  return entries
    .filter(([name]) => !drop.includes(name))
    .map(([name, value]) => {
      const inside = drop.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
      return inside.length === 0 ? ([name, value] as const) : ([name, dropInside(value, inside)] as const);
    });
}

function dropInside(value: FieldValue, drop: readonly string[]): FieldValue {
  if (!isObject(value)) return value;
  return Object.fromEntries(dropEntries(Object.entries(value), drop));
}

export function isObject(value: FieldValue): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}

/** A value as one piece of text: strings bare, everything else as JSON, numbers with the digits they came with. */
export function valueText(value: FieldValue): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** Entries as one JSON object, in their order. */
export function entriesJson(entries: readonly Entry[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(',')}}`;
}
