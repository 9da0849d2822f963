import { logIdsOf } from '../../../record/log-id.ts';
import type { EventContext } from '../../../record/record.ts';
import type { RowRun } from '../layout.ts';
import type { OpenSegment } from '../read/segment-reader.ts';
import type { SourceBlock, SourceFrame } from '../seal/source-block.ts';
import type { Duck } from '../segment/duckdb.ts';
import { mergeRuns } from './merge-runs.ts';
import { readRows, type RowSlice } from './read-rows.ts';

/** A block of fewer rows ends here, unless one event is larger: all that are given together are copied once more then. */
const MOST_BYTES = 32 * 2 ** 20;
/** The same where rows are so long that blocks end by it: what waits for the rest of a row group is in memory, too. */
const LONG_BYTES = 8 * 2 ** 20;
/** Bytes of events that are read of all inputs together, about. */
const IN_HAND_BYTES = 16 * 2 ** 20;

/**
 * All rows of some segments, merged into the order of log ids, in blocks of so many. The inputs are each read once, from
 * start to end, row group by row group.
 */
export async function* mergedRows(
  duck: Duck,
  inputs: readonly OpenSegment[],
  blockRows: number,
  signal: AbortSignal,
): AsyncGenerator<SourceBlock> {
  const withIds = inputs.some(({ entry }) => entry.ids);
  const mean =
    inputs.reduce((sum, { entry }) => sum + entry.rawBytes, 0) / inputs.reduce((sum, { entry }) => sum + entry.rows, 0);
  const blockBytes = mean * blockRows > MOST_BYTES ? LONG_BYTES : MOST_BYTES;
  const slices: (RowSlice | undefined)[] = inputs.map(() => undefined);
  let draft = new Draft(blockRows, blockBytes, withIds);
  for (const { input: at, run } of mergeRuns(inputs.map(({ index }) => index.runs))) {
    const input = inputs[at];
    if (input === undefined) continue;
    const end = run.firstRow + run.rows;
    for (let row = run.firstRow; row < end; ) {
      let slice = slices[at];
      if (slice === undefined || row < slice.from || row >= slice.to) {
        slices[at] = undefined;
        slice = await readRows(
          duck,
          input,
          row,
          sliceEnd(input, row, 1 + slices.filter((held) => held !== undefined).length),
          signal,
        );
        slices[at] = slice;
      }
      row += draft.add(slice, row, end, run);
      if (draft.isFull) {
        yield draft.take();
        draft = new Draft(blockRows, blockBytes, withIds);
      }
    }
    if (end >= input.entry.rows) slices[at] = undefined;
  }
  if (draft.rows > 0) yield draft.take();
}

/**
 * A row group is decompressed as a whole, for few of its rows too: it is read to its end, where the memory allows with so
 * many inputs at hand.
 */
function sliceEnd({ entry, index }: OpenSegment, row: number, inputs: number): number {
  const most = Math.floor(IN_HAND_BYTES / inputs / Math.max(1, entry.rawBytes / entry.rows));
  let end = 0;
  for (const { rows } of index.groups) {
    end += rows;
    if (end > row) break;
  }
  return Math.min(end, row + Math.max(1, most));
}

/** A block that grows. */
class Draft {
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #withIds: boolean;
  readonly #parts: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #lines: number[] = [];
  readonly #frames: SourceFrame[] = [];
  /** Bytes. */
  length = 0;

  constructor(most: number, mostBytes: number, withIds: boolean) {
    this.#most = most;
    this.#mostBytes = mostBytes;
    this.#withIds = withIds;
  }

  get isFull(): boolean {
    return this.rows >= this.#most || this.length >= this.#mostBytes;
  }

  get rows(): number {
    return this.#starts.length;
  }

  /** Adds rows of a run that a slice has, from `first` on, below `end`, until the block is full; gives how many. */
  add(slice: RowSlice, first: number, end: number, run: RowRun): number {
    const to = Math.min(end, slice.to, first + this.#most - this.rows);
    const from = slice.starts[first - slice.from] ?? 0;
    let until = from;
    let row = first;
    for (; row < to && this.length + until - from < this.#mostBytes; row++) {
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
