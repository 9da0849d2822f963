import type { RowRun } from '../layout.ts';

/** Rows of one input that follow each other there, and in the segment to be built. */
export interface MergedRun {
  /** Index of the input. */
  readonly input: number;
  readonly run: RowRun;
}

/**
 * The runs of several segments in one order: that of log ids (receive time, writer, `seq`, line), which rows have in
 * every segment. Those of one input stay in their order, so that each is read once from its start to its end.
 */
export function mergeRuns(inputs: readonly (readonly RowRun[])[]): MergedRun[] {
  const all = inputs.flatMap((runs, input) => runs.map((run): MergedRun => ({ input, run })));
  return all.sort(
    ({ run: a, input: left }, { run: b, input: right }) =>
      a.received - b.received ||
      compareTexts(a.writer, b.writer) ||
      a.seq - b.seq ||
      a.line - b.line ||
      left - right ||
      a.firstRow - b.firstRow,
  );
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
