import { logIdsOf } from '../../../record/log-id.ts';
import type { EventContext } from '../../../record/record.ts';
import type { RowRun } from '../layout.ts';
import type { OpenSegment } from '../read/segment-reader.ts';
import type { SourceBlock, SourceFrame } from '../seal/source-block.ts';
import type { Duck } from '../segment/duckdb.ts';
import { mergeRuns } from './merge-runs.ts';
import { readRows, type RowSlice } from './read-rows.ts';

/** Bytes of a block, unless one event is larger. */
const BLOCK_BYTES = 8 * 2 ** 20;
/** Bytes of events that are read of all inputs together. */
const IN_HAND_BYTES = 48 * 2 ** 20;
const LEAST_ROWS = 256;
const MOST_ROWS = 20_480;

/** All rows of some segments, merged into the order of log ids. The inputs are each read once, from start to end. */
export async function* mergedRows(
  duck: Duck,
  inputs: readonly OpenSegment[],
  signal: AbortSignal,
): AsyncGenerator<SourceBlock> {
  const withIds = inputs.some(({ entry }) => entry.ids);
  const slices: (RowSlice | undefined)[] = inputs.map(() => undefined);
  let draft = new Draft(withIds);
  for (const { input: at, run } of mergeRuns(inputs.map(({ index }) => index.runs))) {
    const input = inputs[at];
    if (input === undefined) continue;
    const end = run.firstRow + run.rows;
    for (let row = run.firstRow; row < end; ) {
      let slice = slices[at];
      if (slice === undefined || row < slice.from || row >= slice.to) {
        slices[at] = undefined;
        slice = await readRows(duck, input, row, rowsAtOnce(input, inputs.length), signal);
        slices[at] = slice;
      }
      row += draft.add(slice, row, end, run);
      if (draft.length >= BLOCK_BYTES) {
        yield draft.take();
        draft = new Draft(withIds);
      }
    }
    if (end >= input.entry.rows) slices[at] = undefined;
  }
  if (draft.rows > 0) yield draft.take();
}

function rowsAtOnce({ entry }: OpenSegment, inputs: number): number {
  const rows = Math.floor(IN_HAND_BYTES / inputs / Math.max(1, entry.rawBytes / entry.rows));
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, rows));
}

/** A block that grows. */
class Draft {
  readonly #withIds: boolean;
  readonly #parts: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #lines: number[] = [];
  readonly #frames: SourceFrame[] = [];
  length = 0;

  constructor(withIds: boolean) {
    this.#withIds = withIds;
  }

  get rows(): number {
    return this.#starts.length;
  }

  /** Adds rows of a run that a slice has, from `first` on, below `end`, until the block is full; gives how many. */
  add(slice: RowSlice, first: number, end: number, run: RowRun): number {
    const to = Math.min(end, slice.to);
    const from = slice.starts[first - slice.from] ?? 0;
    let until = from;
    let row = first;
    for (; row < to && this.length + until - from < BLOCK_BYTES; row++) {
      const at = row - slice.from;
      until = slice.ends[at] ?? 0;
      this.#starts.push(this.length + (slice.starts[at] ?? 0) - from);
      this.#ends.push(this.length + until - from);
      this.#lines.push(run.line + row - run.firstRow);
    }
    const ids = this.#withIds ? slice.ids?.slice(first - slice.from, row - slice.from) : undefined;
    this.#parts.push(slice.bytes.subarray(from, until));
    this.length += until - from;
    // A run is of one frame, and a frame has one context.
    this.#frames.push(frameOf(run, row - first, slice.contexts[first - slice.from] ?? {}, ids));
    return row - first;
  }

  take(): SourceBlock {
    return {
      bytes: Buffer.concat(this.#parts),
      starts: Uint32Array.from(this.#starts),
      ends: Uint32Array.from(this.#ends),
      lines: Uint32Array.from(this.#lines),
      frames: this.#frames,
    };
  }
}

function frameOf(
  { writer, seq, received }: RowRun,
  events: number,
  context: EventContext,
  ids: readonly string[] | undefined,
): SourceFrame {
  const placed = logIdsOf(received, writer, seq);
  const idOf = (event: number, line: number): string => ids?.[event] ?? placed(line);
  return { events, context, receivedAt: BigInt(received) * 1_000_000n, writer, seq, received, idOf };
}
