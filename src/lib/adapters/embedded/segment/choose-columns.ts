import type { KeyStatistic } from '../layout.ts';
import { isPromotable } from '../scan/promotable.ts';
import { MOST_COLUMNS } from './marks.ts';

/** A key that fewer rows have stays in the line. */
const LEAST_SHARE = 0.01;
/** Keys of no more different values, in the rows that were sampled, come first: those that are grouped by. */
const FEW_VALUES = 200;

/**
 * The keys that get a column, from what was seen of them in so many rows: those of few different values first, then
 * those that most rows have.
 */
export function chooseColumns(keys: readonly KeyStatistic[], rows: number): string[] {
  return keys
    .filter(({ key, rows: having }) => having >= rows * LEAST_SHARE && isPromotable(key))
    .sort((a, b) => groupOf(a) - groupOf(b) || b.rows - a.rows || (a.key < b.key ? -1 : 1))
    .slice(0, MOST_COLUMNS)
    .map(({ key }) => key);
}

function groupOf({ distinct }: KeyStatistic): number {
  return distinct <= FEW_VALUES ? 0 : 1;
}

/** What several row groups saw together: different values are those of the group that saw the most. */
export class KeyStatistics {
  readonly #keys = new Map<string, { rows: number; distinct: number }>();

  add(keys: readonly KeyStatistic[]): void {
    for (const { key, rows, distinct } of keys) {
      const before = this.#keys.get(key);
      if (before === undefined) this.#keys.set(key, { rows, distinct });
      else {
        before.rows += rows;
        before.distinct = Math.max(before.distinct, distinct);
      }
    }
  }

  /** The commonest, no more than an index should carry. */
  all(): KeyStatistic[] {
    return [...this.#keys]
      .map(([key, seen]) => ({ key, ...seen }))
      .sort((a, b) => b.rows - a.rows || (a.key < b.key ? -1 : 1))
      .slice(0, MOST_KEYS);
  }
}

const MOST_KEYS = 256;
