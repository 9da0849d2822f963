import { parseDuration } from '../lib/query/duration.ts';

/** A timer of Node that is set to more ends at once. */
const LONGEST = 2 ** 31 - 1;

/** A duration as typed, for a timer: 24 days at the most. Throws TIME_SYNTAX. */
export function milliseconds(duration: string): number {
  return Math.min(Number(parseDuration(duration) / 1_000_000n), LONGEST);
}
