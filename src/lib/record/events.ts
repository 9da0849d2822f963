const LF = 10;

/**
 * Calls `visit` for each event of a batch or a block: `start` and `end` are offsets in `payload`, `end` without the
 * final LF (a CR before it is part of the event), `line` is the index in it, from 0, of the event's first line.
 * Empty lines are no events, nor is a joined group of nothing but empty lines. Lines beyond those that `join` counts
 * are events of their own.
 */
export function eachEvent(
  payload: Uint8Array,
  join: readonly number[] | undefined,
  visit: (start: number, end: number, line: number) => void,
): void {
  let start = 0;
  let line = 0;
  let event = 0;
  while (start < payload.length) {
    const count = join?.[event] ?? 1;
    event += 1;
    let end = start - 1;
    let taken = 0;
    do {
      const at = payload.indexOf(LF, end + 1);
      end = at === -1 ? payload.length : at;
      taken += 1;
    } while (taken < count && end + 1 < payload.length);
    // A group of n empty lines has n - 1 bytes, all LF.
    if (end - start > taken - 1 || !onlyLineFeeds(payload, start, end)) visit(start, end, line);
    line += taken;
    start = end + 1;
  }
}

function onlyLineFeeds(payload: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (payload[at] !== LF) return false;
  return true;
}
