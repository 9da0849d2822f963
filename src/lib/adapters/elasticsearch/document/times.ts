/** What `date_nanos` holds: nanoseconds from 1970, in 63 bits. */
const LAST_NANOS = 2n ** 63n - 1n;

/** The time itself, or the first or last that `date_nanos` holds where it is outside. */
export function heldTime(ts: bigint): bigint {
  return ts < 0n ? 0n : ts > LAST_NANOS ? LAST_NANOS : ts;
}
