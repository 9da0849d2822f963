import type { Level } from '../record/level.ts';

/** Events that were left out on purpose, by reason and level. */
export class Dropped {
  readonly #counts = new Map<string, Map<Level, number>>();

  add(reason: string, level: Level, events = 1): void {
    let levels = this.#counts.get(reason);
    if (levels === undefined) this.#counts.set(reason, (levels = new Map()));
    levels.set(level, (levels.get(level) ?? 0) + events);
  }

  /** Events left out for one of some reasons. */
  total(...reasons: readonly string[]): number {
    let sum = 0;
    for (const reason of reasons) for (const events of this.#counts.get(reason)?.values() ?? []) sum += events;
    return sum;
  }

  /** `{ "queue full": { "INFO": 12 } }`, for `--json`. */
  toJSON(): { readonly [reason: string]: { readonly [level: string]: number } } {
    return Object.fromEntries([...this.#counts].map(([reason, levels]) => [reason, Object.fromEntries(levels)]));
  }
}
