import { valuesOf } from '../record/field-access.ts';
import { type FieldValue, type LogRecord, RawNumber } from '../record/record.ts';
import { soleRole } from './field-kind.ts';
import type { Cell } from './table.ts';

/** The plain values of a field, null and objects left out. A number that no double holds stays as it was written. */
export function cellsOf(record: LogRecord, field: string): Cell[] {
  const role = soleRole(field);
  if (role !== undefined && role !== 'time') {
    const value = record[role];
    return value === undefined ? [] : [value];
  }
  return valuesOf(record, field)
    .map(cellOf)
    .filter((cell) => cell !== null);
}

function cellOf(value: FieldValue): Cell {
  if (value instanceof RawNumber) return numberCell(value.text);
  return typeof value === 'object' ? null : value;
}

function numberCell(text: string): Cell {
  const near = Number(text);
  if (Number.isFinite(near) && (Number.isSafeInteger(near) || !/^-?\d+$/.test(text))) return near;
  return text;
}
