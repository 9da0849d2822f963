import type { EventBlock } from './scanned-group.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import type { ScannerExports } from './wasm.ts';

/** Fewer bytes between two events, of frames' headers, are copied with them: one long copy is faster than two. */
const GAP = 4096;

/** Vectors are loaded beyond the last event. */
const SLACK = 64;

/** A piece of the block that is copied in one go. */
interface Piece {
  readonly from: number;
  to: number;
  /** Where it goes, behind the start of all. */
  readonly offset: number;
}

/** Copies events into the scanner's memory, for its next `scan`. */
export function loadEvents(
  wasm: Pick<ScannerExports, 'reserve' | 'setEvents'>,
  memory: ScannerMemory,
  { bytes, starts, ends }: EventBlock,
  events: Uint32Array,
): void {
  const count = events.length;
  const addresses = new Uint32Array(count * 2);
  const pieces: Piece[] = [];
  let size = 0;
  let longest = 0;
  let piece: Piece | undefined;
  for (let at = 0; at < count; at++) {
    const start = starts[events[at] ?? 0] ?? 0;
    const end = ends[events[at] ?? 0] ?? 0;
    if (piece === undefined || start > piece.to + GAP || start < piece.to) {
      piece = { from: start, to: start, offset: size };
      pieces.push(piece);
    }
    size += end - piece.to;
    piece.to = end;
    addresses[at] = piece.offset + start - piece.from;
    addresses[count + at] = piece.offset + end - piece.from;
    longest = Math.max(longest, end - start);
  }
  const texts = wasm.reserve(size + SLACK);
  const numbers = wasm.reserve(count * 12 + SLACK);
  wasm.setEvents(numbers, numbers + count * 4, numbers + count * 8, longest);
  for (const { from, to, offset } of pieces) memory.bytes.set(bytes.subarray(from, to), texts + offset);
  const into = memory.words(numbers, count * 3);
  for (let at = 0; at < count * 2; at++) into[at] = (addresses[at] ?? 0) + texts;
  into.set(events, count * 2);
}
