import type { EventBlock } from './scanned-group.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import type { ScannerExports } from './wasm.ts';

/** Vectors are loaded beyond the last event. */
const SLACK = 64;

/** Hands events, ascending, to the scanner for its next `scan`; copies them into its memory unless they are there. */
export function loadEvents(
  wasm: Pick<ScannerExports, 'reserve' | 'setEvents' | 'moveOffsets'>,
  memory: ScannerMemory,
  block: EventBlock,
  events: Uint32Array,
): void {
  const { starts, ends } = block;
  const count = events.length;
  const runs = runsOf(events).map(({ from, to }) => {
    const first = events[from] ?? 0;
    const last = events[to - 1] ?? 0;
    return { from, to, first, start: starts[first] ?? 0, end: ends[last] ?? 0 };
  });
  const isThere = block.bytes.buffer === memory.bytes.buffer;
  let text = isThere ? 0 : wasm.reserve(runs.reduce((sum, { start, end }) => sum + end - start, SLACK));
  const numbers = wasm.reserve(count * 12 + SLACK);
  const into = memory.words(numbers, count * 3);
  // Only now: where it is there, it moves with the memory.
  const { bytes } = block;
  for (const { from, to, first, start, end } of runs) {
    if (!isThere) memory.bytes.set(bytes.subarray(start, end), text);
    into.set(starts.subarray(first, first + to - from), from);
    into.set(ends.subarray(first, first + to - from), count + from);
    const by = isThere ? bytes.byteOffset : text - start;
    wasm.moveOffsets(numbers + from * 4, to - from, by);
    wasm.moveOffsets(numbers + (count + from) * 4, to - from, by);
    text += end - start;
  }
  into.set(events, count * 2);
  wasm.setEvents(numbers, numbers + count * 4, numbers + count * 8, count);
}

/** Where each run of events that follow each other in the block begins and ends: with what is between they are copied in one go. */
function runsOf(events: Uint32Array): { readonly from: number; readonly to: number }[] {
  const count = events.length;
  if (count === 0) return [];
  if (areConsecutive(events)) return [{ from: 0, to: count }];
  const runs: { readonly from: number; readonly to: number }[] = [];
  let from = 0;
  for (let at = 1; at <= count; at++) {
    if (at < count && events[at] === (events[at - 1] ?? 0) + 1) continue;
    runs.push({ from, to: at });
    from = at;
  }
  return runs;
}

/** Whether ascending numbers leave none out. */
function areConsecutive(numbers: Uint32Array): boolean {
  return (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) === numbers.length - 1;
}
