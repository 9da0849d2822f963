import { aliasOf } from '../record/aliases.ts';
import { valuesOf } from '../record/field-access.ts';
import { type FieldValue, type LogRecord, RawNumber } from '../record/record.ts';
import type { Filter } from './ast.ts';
import { nearest } from './nearest.ts';

/** A field that a filter asks for and none of some records has; the name among theirs that is most like it. */
export interface AbsentField {
  readonly field: string;
  readonly meant: string | undefined;
}

/** What every event may have besides its own fields. */
const STANDARD = ['level', 'service', 'message', 'host', 'trace_id', 'span_id'];
/** Names deeper than this are not offered. */
const MAX_DEPTH = 4;

/** Which of some fields no record has: why nothing may have matched, or all is null. */
export function absentFields(asked: readonly string[], records: readonly LogRecord[]): AbsentField[] {
  const absent = asked.filter((field) => !hasField(records, field));
  return absent.length === 0 ? [] : withMeant(absent, fieldNames(records));
}

/** Fields that are nowhere, each with the name among those known that is most like it. */
export function withMeant(absent: Iterable<string>, known: ReadonlySet<string>): AbsentField[] {
  return Array.from(absent, (field) => ({ field, meant: nearest(field, known) }));
}

/** Whether one of some records has a value under a name. */
export function hasField(records: readonly LogRecord[], field: string): boolean {
  return records.some((record) => valuesOf(record, field).length > 0);
}

/** The names under which some records have values. */
export function fieldNames(records: readonly LogRecord[]): ReadonlySet<string> {
  const standard = STANDARD.filter((name) => hasField(records, name));
  return new Set([...standard, ...records.flatMap((record) => namesIn(record.fields, '', MAX_DEPTH))]);
}

/** Whether every event has a value under this name: one of its own, or one that it was given when it was taken in. */
export function isInEveryEvent(field: string): boolean {
  const role = aliasOf(field)?.role;
  return role === 'time' || role === 'level' || field === 'log_id' || field === 'received_at';
}

/** The fields that a filter wants events to have. Negations are left out, for they take events without the field. */
export function fieldsOf(filter: Filter): readonly string[] {
  return [...new Set(fieldsIn(filter))];
}

function fieldsIn(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(fieldsIn);
    case 'match':
      return filter.field === undefined || filter.field === '*' ? [] : [filter.field];
    case 'compare':
      return filter.op === '!=' ? [] : [filter.field];
    default:
      return [];
  }
}

function namesIn(value: FieldValue, prefix: string, depth: number): string[] {
  if (typeof value !== 'object' || value === null || value instanceof RawNumber || depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((element) => namesIn(element, prefix, depth - 1));
  return Object.keys(value).flatMap((key) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    return [name, ...namesIn(value[key] as FieldValue, name, depth - 1)];
  });
}
