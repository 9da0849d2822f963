import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { LogsError } from '../../../errors.ts';
import type { RowRun } from '../layout.ts';

/** Bytes [offset, offset + length) of the Parquet file and their CRC-32. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** What a segment's `.idx` says. The byte ranges of groups and footer together cover the whole Parquet file. */
export interface SegmentIndex {
  readonly rows: number;
  /** Row groups in order. */
  readonly groups: readonly (ByteRange & { readonly rows: number })[];
  readonly footer: ByteRange;
  /** In row order, without gaps. In a run each row's line is the one after that of the row before. */
  readonly runs: readonly RowRun[];
}

/** Column by column, numbers as differences to the one before: a tenth of the size once deflated. */
interface IndexFile {
  readonly format: 1;
  readonly rows: number;
  readonly groups: SegmentIndex['groups'];
  readonly footer: ByteRange;
  readonly writers: readonly string[];
  readonly writer: readonly number[];
  readonly count: readonly number[];
  readonly seq: readonly number[];
  readonly line: readonly number[];
  readonly received: readonly number[];
}

/** Raw deflate of JSON. Its checksum is in the commit that names the segment. */
export function encodeIndex(index: SegmentIndex): Buffer {
  const writers = [...new Set(index.runs.map((run) => run.writer))];
  const numbers = new Map(writers.map((writer, at) => [writer, at]));
  const file: IndexFile = {
    format: 1,
    rows: index.rows,
    groups: index.groups,
    footer: index.footer,
    writers,
    writer: differences(index.runs.map((run) => numbers.get(run.writer) ?? 0)),
    count: index.runs.map((run) => run.rows),
    seq: differences(index.runs.map((run) => run.seq)),
    line: index.runs.map((run) => run.line),
    received: differences(index.runs.map((run) => run.received)),
  };
  return deflateRawSync(Buffer.from(JSON.stringify(file)), { level: 6 });
}

/** Throws STORE_DAMAGED for bytes that `encodeIndex` did not make, STORE_VERSION for those of a later version. */
export function decodeIndex(bytes: Uint8Array, path: string): SegmentIndex {
  let file: IndexFile;
  try {
    file = JSON.parse(inflateRawSync(bytes).toString('utf8')) as IndexFile;
  } catch (cause) {
    throw new LogsError('STORE_DAMAGED', `${path} is not the index of a segment`, { cause });
  }
  if (file.format !== 1) {
    throw new LogsError('STORE_VERSION', `${path} has format ${String(file.format)}, this program knows 1`, {
      hint: 'Use the version of logs that wrote it, or a newer one.',
    });
  }
  const runs: RowRun[] = [];
  let firstRow = 0;
  let writer = 0;
  let seq = 0;
  let received = 0;
  file.count.forEach((rows, at) => {
    writer += file.writer[at] ?? 0;
    seq += file.seq[at] ?? 0;
    received += file.received[at] ?? 0;
    runs.push({ firstRow, rows, writer: file.writers[writer] ?? '', seq, line: file.line[at] ?? 0, received });
    firstRow += rows;
  });
  return { rows: file.rows, groups: file.groups, footer: file.footer, runs };
}

function differences(values: readonly number[]): number[] {
  return values.map((value, at) => value - (at === 0 ? 0 : (values[at - 1] ?? 0)));
}

/** The run that holds a row; runs are in row order and leave none out. */
export function runOf(runs: readonly RowRun[], row: number): RowRun {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((runs[middle]?.firstRow ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  const run = runs[low];
  if (run === undefined || row >= run.firstRow + run.rows)
    throw new LogsError('STORE_DAMAGED', `no run holds row ${row}`);
  return run;
}
