/** Bytes of events that are built anew in a millisecond, before any was measured. */
export const FIRST_PACE = 20_000;
/** Of the time there is, what a step may be expected to take. */
const SHARE = 0.75;
/** Smaller steps take their time to begin and to commit: they tell nothing. */
const TELLING_BYTES = 4 * 2 ** 20;

/** What is to be expected after a step of so many bytes that took so many milliseconds. */
export function paceAfter(pace: number | undefined, rawBytes: number, milliseconds: number): number {
  if (rawBytes >= TELLING_BYTES) return rawBytes / milliseconds;
  const before = pace ?? FIRST_PACE;
  // After a step that was given up, larger ones are dared again bit by bit.
  return Math.max(before, Math.min(FIRST_PACE, before * 1.5));
}

/** What is to be expected after a step that was given up when its time was over: a slower machine than was thought. */
export function slowerPace(pace: number | undefined, rawBytes: number, milliseconds: number): number {
  return Math.min(pace ?? FIRST_PACE, rawBytes / milliseconds) / 2;
}

/** Bytes of events that are likely to be built anew in so many milliseconds. */
export function bytesWithin(milliseconds: number, pace: number | undefined): number {
  return (pace ?? FIRST_PACE) * milliseconds * SHARE;
}
