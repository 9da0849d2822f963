import type { SegmentEntry } from '../layout.ts';

/** Of events whose records are held at once, about: a line may have a megabyte. */
const MOST_BYTES = 32 * 1024 * 1024;

/** How many rows of a segment are read at once, were they all as long as they are on average; at least one. */
export function rowsAtOnce({ rows, rawBytes }: SegmentEntry): number {
  return Math.max(1, Math.floor((MOST_BYTES * rows) / Math.max(1, rawBytes)));
}

/** How many of some rows, from the first on, are read at once; each with the segment that it is in. */
export function firstAtOnce(rows: readonly { readonly segment: { readonly entry: SegmentEntry } }[]): number {
  let part = 0;
  const end = rows.findIndex(({ segment }) => {
    part += 1 / rowsAtOnce(segment.entry);
    return part > 1;
  });
  return end === -1 ? rows.length : Math.max(1, end);
}
