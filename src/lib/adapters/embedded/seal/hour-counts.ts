import type { HourCount } from '../layout.ts';

/** More pairs of service, level and hour than an entry of a commit may list. */
const MOST_COUNTS = 1000;

/** How many events each service had of each level in each hour; undefined once that is too much to tell. */
export class HourCounts {
  #sums: Map<string, HourCount> | undefined = new Map();

  /** Those of a row group; undefined where it has too many. */
  add(counts: readonly HourCount[] | undefined): void {
    const sums = this.#sums;
    if (counts === undefined) this.#sums = undefined;
    if (sums === undefined || counts === undefined) return;
    for (const [service, level, hour, n] of counts) {
      const pair = JSON.stringify([service, level, hour]);
      sums.set(pair, [service, level, hour, n + (sums.get(pair)?.[3] ?? 0)]);
    }
    if (sums.size > MOST_COUNTS) this.#sums = undefined;
  }

  all(): HourCount[] | undefined {
    return this.#sums === undefined ? undefined : [...this.#sums.values()];
  }
}
