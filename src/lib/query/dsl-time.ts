import { formatTime } from '../record/time.ts';
import { anyOf, type Dsl, EVERY, NONE } from './dsl-pair.ts';
import type { Instants } from './times.ts';

/** What `date_nanos` holds; records outside are marked. */
const LAST = 2n ** 63n - 1n;

/** Documents whose time is in one of the spans. */
export function timeIn(path: string, instants: readonly Instants[]): Dsl {
  return anyOf(
    instants.map(({ from, to }) => {
      if ((to !== undefined && to <= 0n) || (from !== undefined && from > LAST)) return NONE;
      const gte = from === undefined || from <= 0n ? {} : { gte: formatTime(from) };
      const lt = to === undefined || to > LAST ? {} : { lt: formatTime(to) };
      const bounds = { ...gte, ...lt };
      return Object.keys(bounds).length === 0 ? EVERY : { range: { [path]: bounds } };
    }),
  );
}
