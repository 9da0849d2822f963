import type { RowRun } from '../layout.ts';
import type { ScannedGroup } from '../scan/scanned-group.ts';
import { eachFrame, type SourceBlock, type SourceFrame } from './source-block.ts';

/** Where the rows of a segment come from: consecutive lines of a frame are one run. */
export class RowRuns {
  readonly all: { -readonly [Member in keyof RowRun]: RowRun[Member] }[] = [];
  /** Milliseconds since 1970: when the first and the last frame came. */
  minReceived = Number.MAX_SAFE_INTEGER;
  maxReceived = 0;

  /** `firstRow`: number in the segment of the group's first row. */
  add({ events }: Pick<ScannedGroup, 'events'>, block: SourceBlock, firstRow: number): void {
    const { lines } = block;
    eachFrame({ block, events }, ({ from, to, frame }) => {
      for (let at = from; at < to; ) {
        const event = events[at] ?? 0;
        const line = lines[event] ?? 0;
        const last = events[to - 1] ?? 0;
        // Mostly every line of the frame is an event of the group.
        const isWhole = last - event === to - 1 - at && (lines[last] ?? 0) - line === last - event;
        const rows = isWhole ? to - at : 1;
        this.#addRun(firstRow + at, rows, frame, line);
        at += rows;
      }
    });
  }

  #addRun(firstRow: number, rows: number, { writer, seq, received }: SourceFrame, line: number): void {
    const last = this.all.at(-1);
    if (last?.seq === seq && last.writer === writer && last.received === received && last.line + last.rows === line) {
      last.rows += rows;
      return;
    }
    this.all.push({ firstRow, rows, writer, seq, line, received });
    this.minReceived = Math.min(this.minReceived, received);
    this.maxReceived = Math.max(this.maxReceived, received);
  }
}
