import type { TimeRange } from './store.ts';

/** Whether a time, in nanoseconds since 1970, belongs to the range. */
export function isInRange(ts: bigint, { from, to }: TimeRange): boolean {
  return (from === undefined || ts >= from) && (to === undefined || ts < to);
}
