import { valuesOf } from '../record/field-access.ts';
import { type FieldValue, type LogRecord, RawNumber } from '../record/record.ts';
import type { Filter } from './ast.ts';
import { nearest } from './nearest.ts';

/** A field that a filter asks for and none of some records has; the name among theirs that is most like it. */
export interface AbsentField {
  readonly field: string;
  readonly meant: string | undefined;
}

/** Names deeper than this are not offered. */
const MAX_DEPTH = 4;

/**
 * The fields that a filter wants events to have, and no record has: why nothing may have matched. Negations are left
 * out, for they take events without the field.
 */
export function absentFields(filter: Filter, records: readonly LogRecord[]): AbsentField[] {
  const asked = [...new Set(fieldsOf(filter))];
  const absent = asked.filter((field) => !records.some((record) => valuesOf(record, field).length > 0));
  if (absent.length === 0) return [];
  const known = new Set(records.flatMap((record) => namesIn(record.fields, '', MAX_DEPTH)));
  return absent.map((field) => ({ field, meant: nearest(field, known) }));
}

function fieldsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(fieldsOf);
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
