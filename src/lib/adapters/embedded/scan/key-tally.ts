import type { KeyStatistic } from '../layout.ts';
import type { Fields, FieldValue } from '../../../record/record.ts';
import { isPromotable } from './promotable.ts';
import { columnText } from './stored-row.ts';

/** Rows that are all sampled, and one of how many is after them: as in the scanner itself. */
const SAMPLED_ROWS = 256;
const SAMPLE = 16;
const MOST_KEYS = 512;
const MOST_VALUES = 1024;

/** Counts keys of records that `parseEvent` made. */
export class KeyTally {
  #rows = 0;
  readonly #keys = new Map<string, { rows: number; readonly values: Set<string> }>();

  add(fields: Fields): void {
    const at = this.#rows++;
    if (at >= SAMPLED_ROWS && at % SAMPLE !== 0) return;
    const weight = at < SAMPLED_ROWS ? 1 : SAMPLE;
    for (const key of Object.keys(fields)) {
      const value = columnText(fields[key] as FieldValue);
      if (value === undefined || !isPromotable(key)) continue;
      let counted = this.#keys.get(key);
      if (counted === undefined) {
        if (this.#keys.size === MOST_KEYS) continue;
        counted = { rows: 0, values: new Set() };
        this.#keys.set(key, counted);
      }
      counted.rows += weight;
      if (counted.values.size < MOST_VALUES) counted.values.add(value);
    }
  }

  /** These counts and others, of rows beside them, together. */
  with(others: Iterable<KeyStatistic>): KeyStatistic[] {
    const all = new Map<string, KeyStatistic>();
    for (const [key, { rows, values }] of this.#keys) all.set(key, { key, rows, distinct: values.size });
    for (const { key, rows, distinct } of others) {
      const ours = all.get(key);
      all.set(key, { key, rows: rows + (ours?.rows ?? 0), distinct: Math.max(distinct, ours?.distinct ?? 0) });
    }
    return [...all.values()];
  }
}
