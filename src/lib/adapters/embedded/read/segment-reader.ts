import { crcOf } from '../../../buffer/crc.ts';
import type { Fs, OpenFile } from '../../../buffer/fs.ts';
import { errorCode } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { formatLogId } from '../../../record/log-id.ts';
import type { FileSum, RowRun, SegmentEntry } from '../layout.ts';
import { type ByteRange, decodeIndex, runOf, type SegmentIndex } from '../segment/idx.ts';
import { idxPath, parquetPath } from '../segment/segment.ts';
import { SegmentGone } from './segment-gone.ts';

/** A segment whose index has the bytes that were committed. Those of its rows are checked where they are read. */
export interface OpenSegment {
  readonly entry: SegmentEntry;
  /** Of the Parquet file. */
  readonly path: string;
  readonly index: SegmentIndex;
  /** First row of each row group, and behind them the number of rows. */
  readonly starts: readonly number[];
}

/** Indexes that this process has read, the last used last; segments never change. */
const open = new Map<string, { readonly segment: OpenSegment; readonly bytes: number }>();
let openBytes = 0;
/** A server that is asked about months must not keep all their filters. */
const MOST_OPEN_BYTES = 64 * 1024 * 1024;

/** Throws STORE_DAMAGED when the index of a segment does not have the bytes that were committed, SegmentGone without it. */
export async function openSegment(fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<OpenSegment> {
  const path = idxPath(tenantDir, entry);
  const key = `${path} ${entry.idx.crc}`;
  const known = open.get(key);
  if (known !== undefined) {
    open.delete(key);
    open.set(key, known);
    return known.segment;
  }
  const segment = await openAnew(fs, tenantDir, entry);
  open.set(key, { segment, bytes: entry.idx.bytes });
  openBytes += entry.idx.bytes;
  for (const [other, { bytes }] of open) {
    if (openBytes <= MOST_OPEN_BYTES || other === key) break;
    open.delete(other);
    openBytes -= bytes;
  }
  return segment;
}

/** As `openSegment`, trusting nothing that this process has read before. */
export async function openAnew(fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<OpenSegment> {
  const path = idxPath(tenantDir, entry);
  const index = decodeIndex(await readWhole(fs, path, entry.idx, entry), path);
  if (index.rows !== entry.rows) throw new LogsError('STORE_DAMAGED', `${path} is not that of its segment`);
  const starts = [0];
  for (const { rows } of index.groups) starts.push((starts.at(-1) ?? 0) + rows);
  return { entry, path: parquetPath(tenantDir, entry), index, starts };
}

/** What this process has found whole of each Parquet file: numbers of row groups, or all of it. */
const checked = new Map<string, Set<number> | 'all'>();

/** Checks the bytes of row groups, and of the footer, that this process has not seen yet. Throws STORE_DAMAGED, SegmentGone. */
export async function checkGroups(fs: Fs, segment: OpenSegment, groups: readonly number[]): Promise<void> {
  const { entry, path, index } = segment;
  const before = checked.get(path);
  if (before === 'all') return;
  const whole = before ?? new Set<number>();
  const missing = groups.filter((group) => !whole.has(group));
  if (missing.length === 0) return;
  if (whole.size + missing.length === index.groups.length) return checkWhole(fs, path, entry);
  const file = await openFile(fs, path, entry);
  try {
    if ((await file.size()) !== entry.parquet.bytes) throw damaged(path);
    if (before === undefined) await checkRange(file, path, index.footer);
    for (const group of missing) {
      const range = index.groups[group];
      if (range !== undefined) await checkRange(file, path, range);
      whole.add(group);
    }
  } finally {
    await file.close();
  }
  checked.set(path, whole);
}

/** Checks all bytes of a segment's rows, once in this process. */
export async function checkWhole(fs: Fs, path: string, entry: SegmentEntry): Promise<void> {
  if (checked.get(path) === 'all') return;
  await readWhole(fs, path, entry.parquet, entry);
  checked.set(path, 'all');
}

/** What was found whole must be looked at again: reading it failed. */
export function forgetChecks(path: string): void {
  checked.delete(path);
}

async function openFile(fs: Fs, path: string, entry: SegmentEntry): Promise<OpenFile> {
  try {
    return await fs.open(path, 'read');
  } catch (error) {
    throw unreadable(error, path, entry);
  }
}

async function checkRange(file: OpenFile, path: string, { offset, length, crc }: ByteRange): Promise<void> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  try {
    for (let read = 1; read > 0 && at < length; at += read) read = await file.read(bytes.subarray(at), offset + at);
  } catch (error) {
    throw new LogsError('STORE_DAMAGED', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (at < length || crcOf(bytes) !== crc) throw damaged(path);
}

function damaged(path: string): LogsError {
  return new LogsError('STORE_DAMAGED', `${path} does not have the bytes that were written`);
}

function unreadable(error: unknown, path: string, entry: SegmentEntry): LogsError {
  if (errorCode(error) === 'ENOENT') return new SegmentGone(path, entry, error);
  return new LogsError('STORE_DAMAGED', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
}

/**
 * Whether the files of a segment are there in the size that was committed: what a count that reads none of them still
 * owes. Throws STORE_DAMAGED.
 */
export async function checkFiles(fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<void> {
  const files = [
    [parquetPath(tenantDir, entry), entry.parquet],
    [idxPath(tenantDir, entry), entry.idx],
  ] as const;
  const found = await Promise.all(files.map(([path]) => fs.stat(path)));
  for (const [at, [path, { bytes }]] of files.entries()) {
    const size = found[at]?.size;
    if (size === undefined) throw new SegmentGone(path, entry);
    if (size !== bytes) throw damaged(path);
  }
}

/** The bytes of a file of a segment if they are those that were committed. Throws STORE_DAMAGED, SegmentGone. */
export async function readWhole(fs: Fs, path: string, sum: FileSum, segment: SegmentEntry): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await fs.readFile(path);
  } catch (error) {
    throw unreadable(error, path, segment);
  }
  if (bytes.length !== sum.bytes || crcOf(bytes) !== sum.crc) throw damaged(path);
  return bytes;
}

/** The id that a row's place in the log files gives: its own, where its event came with none. */
export function placeIdOf({ runs }: SegmentIndex, row: number): string {
  return placeId(runOf(runs, row), row);
}

export function placeId({ received, writer, seq, line, firstRow }: RowRun, row: number): string {
  return formatLogId(received, writer, seq, line + row - firstRow);
}
