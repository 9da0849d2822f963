import type { Scalar } from './ast.ts';
import { type DurationUnit, durationOf, isDurationUnit, isSizeUnit, SIZE_UNITS, type SizeUnit } from './duration.ts';
import { fieldKind } from './field-kind.ts';
import type { Scanner } from './scanner.ts';
import { isTime } from './time-range.ts';

const NOW = /^now(?:([+-])([\dA-Za-zµμ.]+))?(?:\/([smhdw]))?$/iu;
const NUMBER = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-zµμ]*)$/u;
const DATE = /^\d{4}-\d\d(?:-\d\d(?:[Tt]\d\d(?::\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?)?$/;

/** A value to compare with: number and unit, date, `now-1h/d`, `15m ago`, word or quoted text. `stops` end a word too. */
export function parseScalar(scanner: Scanner, field: string, stops = ''): Scalar {
  const offset = scanner.position;
  const scalar = readScalar(scanner, field, stops);
  if (scalar.kind === 'number') checkTime(scanner, field, `${scalar.text}${scalar.unit ?? ''}`, offset);
  else if (scalar.kind !== 'relative') checkTime(scanner, field, scalar.text, offset);
  return scalar;
}

/** Refuses a text that is no time, written from `offset` on as the value of a field that is one. */
export function checkTime(scanner: Scanner, field: string, text: string, offset: number): void {
  if (fieldKind(field) !== 'time' || isTime(text)) return;
  throw scanner.error(`${field} is a time, and ${JSON.stringify(text)} is none`, {
    offset,
    length: scanner.position - offset,
    hint: 'write a time such as 2026-01-31T14:05, 14:05, yesterday, now-1h or 15m ago',
  });
}

function readScalar(scanner: Scanner, field: string, stops: string): Scalar {
  if (scanner.next === '"') return { kind: 'text', text: scanner.takeQuoted(), quoted: true };
  const word = scanner.takeWord(stops);
  if (word === undefined) throw scanner.unexpected('a value');
  if (word.escaped) return { kind: 'text', text: word.text, quoted: false };
  return relativeOf(scanner, word.text, fieldKind(field) === 'time') ?? plainScalar(word.text);
}

/** What an unquoted word without escapes means as a value on its own. */
export function plainScalar(text: string): Scalar {
  const [, number, unit = ''] = NUMBER.exec(text) ?? [];
  if (number !== undefined && unit === '') return { kind: 'number', text: number };
  if (number !== undefined) {
    const known = unitOf(unit);
    if (known !== undefined) return { kind: 'number', text: number, unit: known };
  }
  return DATE.test(text) ? { kind: 'date', text } : { kind: 'text', text, quoted: false };
}

function unitOf(written: string): DurationUnit | SizeUnit | undefined {
  if (isDurationUnit(written) || isSizeUnit(written)) return written;
  if (/^[µμ]s$/u.test(written)) return 'us';
  return Object.keys(SIZE_UNITS)
    .filter(isSizeUnit)
    .find((unit) => unit.toLowerCase() === written.toLowerCase());
}

function relativeOf(scanner: Scanner, text: string, isTimeField: boolean): Scalar | undefined {
  const now = NOW.exec(text);
  if (now !== null) {
    const [, sign, amount, unit] = now;
    const duration = amount === undefined ? 0n : durationOf(amount);
    if (duration === undefined) return undefined;
    const offset = sign === '-' ? -duration : duration;
    const round = unit?.toLowerCase() as 's' | 'm' | 'h' | 'd' | 'w' | undefined;
    return round === undefined ? { kind: 'relative', offset } : { kind: 'relative', offset, round };
  }
  const duration = durationOf(text);
  if (duration === undefined) return undefined;
  const ago = scanner.takeMatch(/\s+ago(?=[\s()|,\]}]|$)/iy);
  return ago !== undefined || isTimeField ? { kind: 'relative', offset: -duration } : undefined;
}
