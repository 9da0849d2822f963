import { type FieldValue, RawNumber } from './record.ts';

/** A value as JSON text, one line. A `RawNumber` is written as it came. Lone surrogates come out as escapes. */
export function jsonText(value: FieldValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  let out = '';
  for (const key of Object.keys(value)) {
    out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${jsonText(value[key] as FieldValue)}`;
  }
  return `{${out}}`;
}
