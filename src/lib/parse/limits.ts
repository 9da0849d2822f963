import { jsonText } from '../record/json-text.ts';
import { type Fields, type FieldValue, RawNumber } from '../record/record.ts';
import { setField } from './draft.ts';

/** Keys of one event, those inside objects counted. A sender that makes up keys must not blow up every reader. */
export const MAX_FIELDS = 1000;
/** UTF-16 units of a key. */
export const MAX_KEY = 256;
/** Where what is over a limit goes: one text, a JSON object with the fields as they came. Searchable, not addressable. */
export const OVERFLOW = '_overflow';

/** The same object where all is within the limits, else a copy with the rest in `_overflow`. */
export function limitFields(fields: Fields): Fields {
  let left = MAX_FIELDS;
  let within: Fields | undefined;
  let over: Fields | undefined;
  const keys = Object.keys(fields);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = fields[key] as FieldValue;
    const cost = key.length > MAX_KEY ? Number.POSITIVE_INFINITY : 1 + costOf(value);
    if (cost <= left) {
      left -= cost;
      if (within !== undefined) setField(within, key, value);
      continue;
    }
    if (within === undefined || over === undefined) {
      within = {};
      over = {};
      for (const earlier of keys.slice(0, i)) setField(within, earlier, fields[earlier] as FieldValue);
    }
    setField(over, key, value);
  }
  if (within === undefined || over === undefined) return fields;
  within[OVERFLOW] = jsonText(over);
  return within;
}

function costOf(value: FieldValue): number {
  if (typeof value !== 'object' || value === null || value instanceof RawNumber) return 0;
  let cost = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') cost += costOf(element);
    return cost;
  }
  for (const key of Object.keys(value)) {
    if (key.length > MAX_KEY) return Number.POSITIVE_INFINITY;
    cost += 1 + costOf(value[key] as FieldValue);
  }
  return cost;
}
