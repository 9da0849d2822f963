import { type Fields, RawNumber } from '../../../record/record.ts';

/** What the column of a promoted key has for a record: null where that is not what the field says (flag OPAQUE), undefined where there is no such field. */
export function promotedValue(fields: Fields, key: string): string | null | undefined {
  if (!Object.hasOwn(fields, key)) return undefined;
  const value = fields[key];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof RawNumber ? value.text : null;
}
