import { type FieldValue, RawNumber } from '../record/record.ts';
import type { CompareOp, QueryClock, Scalar } from './ast.ts';
import { compareDecimals, type Decimal, decimalOf } from './decimal.ts';
import {
  DURATION_UNITS,
  type DurationUnit,
  durationOf,
  isDurationUnit,
  isSizeUnit,
  SIZE_UNITS,
  type SizeUnit,
  sizeOf,
} from './duration.ts';
import { dateSpanOf, spanOfScalar, type TimeSpan } from './time-range.ts';

/** Below, equal or above 0 as a value is to the scalar; undefined where the two cannot be compared. */
export type Comparison = (value: FieldValue) => number | undefined;

/** How names of fields say the unit of a plain number in them: `latency_ms`, `durationSeconds`, `body.bytes`. */
const NAMED_UNIT =
  /(?:^|[_.-])(ns|nanos|nanoseconds|us|micros|microseconds|ms|millis|milliseconds|msec|s|sec|secs|seconds|min|minutes|h|hours|d|days|b|bytes|kb|kib|mb|mib|gb|gib)$/;
const NAMED_UNITS: { readonly [name: string]: DurationUnit | SizeUnit } = {
  nanos: 'ns', nanoseconds: 'ns', micros: 'us', microseconds: 'us', millis: 'ms', milliseconds: 'ms', msec: 'ms',
  sec: 's', secs: 's', seconds: 's', min: 'm', minutes: 'm', hours: 'h', days: 'd', b: 'B', bytes: 'B',
  kb: 'KB', kib: 'KiB', mb: 'MB', mib: 'MiB', gb: 'GB', gib: 'GiB',
}; // biome-ignore format: a table

export function holds(op: CompareOp, order: number): boolean {
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
  }
}

/** The text of a plain value as it was written; undefined for null, arrays and objects. */
export function textOf(value: FieldValue): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof RawNumber) return value.text;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The number a value is: a number, or a string that is wholly one. */
export function numberOf(value: FieldValue): Decimal | undefined {
  if (typeof value === 'number') return { near: value, text: String(value) };
  if (typeof value === 'string') return decimalOf(value);
  return value instanceof RawNumber ? decimalOf(value.text) : undefined;
}

/** How values of `field` compare to a scalar: as times, quantities, numbers or, where it is neither, texts. */
export function compileComparison(scalar: Scalar, field: string, clock: QueryClock): Comparison {
  if (scalar.kind === 'number') {
    return scalar.unit === undefined ? byNumber(decimalOf(scalar.text)) : byQuantity(scalar.text, scalar.unit, field);
  }
  if (scalar.kind === 'text') return byText(scalar.text);
  const span = spanOfScalar(scalar, clock);
  return (value) =>
    span === undefined || typeof value !== 'string' ? undefined : compareSpan(dateSpanOf(value, clock)?.from, span);
}

/** An instant is equal to all that was written: `=2026-01-31` is that day, and `>2026-01-31` is after it. */
function compareSpan(instant: bigint | undefined, span: TimeSpan): number | undefined {
  if (instant === undefined) return undefined;
  return instant < span.from ? -1 : instant >= span.to ? 1 : 0;
}

function byNumber(wanted: Decimal | undefined): Comparison {
  return (value) => {
    const number = numberOf(value);
    return number === undefined || wanted === undefined ? undefined : compareDecimals(number, wanted);
  };
}

/** By code units; a number is never compared as text (`"100"` is not between `"1"` and `"2"`). */
function byText(wanted: string): Comparison {
  const number = decimalOf(wanted);
  if (number !== undefined) return byNumber(number);
  return (value) => {
    const text = textOf(value);
    if (text === wanted) return 0;
    if (text === undefined || typeof value !== 'string' || numberOf(value) !== undefined) return undefined;
    return text < wanted ? -1 : 1;
  };
}

/** A quantity in the unit that plain numbers of a field are in: `500ms` of `latency_ms` is 500, of `duration_s` 0.5. */
export function plainQuantity(text: string, unit: DurationUnit | SizeUnit, field: string): number {
  return (Number(text) * sizeOfUnit(unit)) / sizeOfUnit(plainUnit(unit, field));
}

/**
 * The field's text may bring its own unit (`1.5s`, `1m30s`, `10 MB`). A plain number is in the unit its field's name
 * ends with (`latency_ms`), else bytes for a size, else the unit of the query for a duration.
 */
function byQuantity(text: string, unit: DurationUnit | SizeUnit, field: string): Comparison {
  const isSize = isSizeUnit(unit);
  const { factor, wanted } = quantityScale(text, unit, field);
  return (value) => {
    const number = numberOf(value);
    const found = number === undefined ? quantityOf(value, isSize) : number.near * factor;
    return found === undefined ? undefined : found - wanted;
  };
}

/** What `byQuantity` multiplies a plain number of a field with, and what it compares the product to. */
export function quantityScale(
  text: string,
  unit: DurationUnit | SizeUnit,
  field: string,
): { readonly factor: number; readonly wanted: number } {
  return { factor: sizeOfUnit(plainUnit(unit, field)), wanted: Number(text) * sizeOfUnit(unit) };
}

function plainUnit(unit: DurationUnit | SizeUnit, field: string): DurationUnit | SizeUnit {
  const isSize = isSizeUnit(unit);
  const named = unitInName(field);
  return named !== undefined && isSizeUnit(named) === isSize ? named : isSize ? 'B' : unit;
}

function quantityOf(value: FieldValue, isSize: boolean): number | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const found = isSize ? sizeOf(value) : durationOf(value);
  return found === undefined ? undefined : Number(found);
}

function sizeOfUnit(unit: DurationUnit | SizeUnit): number {
  return Number(isDurationUnit(unit) ? DURATION_UNITS[unit] : SIZE_UNITS[unit]);
}

function unitInName(field: string): DurationUnit | SizeUnit | undefined {
  const words = field.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
  const name = NAMED_UNIT.exec(words)?.[1];
  if (name === undefined) return undefined;
  return isDurationUnit(name) ? name : NAMED_UNITS[name];
}
