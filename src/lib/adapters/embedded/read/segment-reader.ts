import { crcOf } from '../../../buffer/crc.ts';
import type { Fs, OpenFile } from '../../../buffer/fs.ts';
import { errorCode } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { formatLogId } from '../../../record/log-id.ts';
import type { Damage } from '../../../store/store.ts';
import { segmentKey } from '../commits/commit-state.ts';
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

/** Numbers of the row groups that this process has found whole of each Parquet file; of one that is here the footer is. */
const checked = new Map<string, ReadonlySet<number>>();

/** What the bytes of some row groups of a segment are. */
export interface CheckedGroups {
  /** Those that have the bytes that were committed, ascending. */
  readonly whole: readonly number[];
  /** What is wrong with each of the others. */
  readonly damage: readonly Damage[];
}

/**
 * Checks the bytes of row groups, and of the footer, that this process has not seen yet. Without its footer no group of
 * a file can be read: then it throws STORE_DAMAGED; SegmentGone without the file.
 */
export async function checkGroups(fs: Fs, segment: OpenSegment, groups: readonly number[]): Promise<CheckedGroups> {
  const { entry, path, index } = segment;
  const before = checked.get(path);
  const unseen = groups.filter((group) => before?.has(group) !== true);
  if (unseen.length === 0) return { whole: groups, damage: [] };
  if (unseen.length === index.groups.length && (await isWholeFile(fs, segment))) {
    checked.set(path, new Set(groups));
    return { whole: groups, damage: [] };
  }
  const damage = new Map<number, Damage>();
  const file = await openFile(fs, path, entry);
  try {
    if ((await file.size()) !== entry.parquet.bytes) throw damaged(path);
    if (before === undefined) await checkRange(file, path, index.footer);
    for (const group of unseen) {
      const found = await damageOfGroup(file, segment, group);
      if (found !== undefined) damage.set(group, found);
    }
  } finally {
    await file.close();
  }
  const whole = groups.filter((group) => !damage.has(group));
  checked.set(path, new Set([...(checked.get(path) ?? []), ...whole]));
  return { whole, damage: [...damage.values()] };
}

/** To read a file at once takes less than half the time of reading it group by group. */
async function isWholeFile(fs: Fs, { entry, path }: OpenSegment): Promise<boolean> {
  try {
    await readWhole(fs, path, entry.parquet, entry);
    return true;
  } catch (error) {
    if (error instanceof SegmentGone || !(error instanceof LogsError)) throw error;
    return false;
  }
}

async function damageOfGroup(file: OpenFile, segment: OpenSegment, group: number): Promise<Damage | undefined> {
  const { entry, path, index, starts } = segment;
  const range = index.groups[group];
  if (range === undefined) return undefined;
  const rows = `rows ${starts[group]} to ${(starts[group + 1] ?? 0) - 1}`;
  try {
    await checkRange(file, `${path}: row group ${group + 1} of ${index.groups.length} (${rows})`, range);
    return undefined;
  } catch (error) {
    if (!(error instanceof LogsError) || error.code !== 'STORE_DAMAGED') throw error;
    return { where: segmentKey(entry), what: error.message };
  }
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

/** `name`: what has those bytes, for whom it is told. */
async function checkRange(file: OpenFile, name: string, { offset, length, crc }: ByteRange): Promise<void> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  try {
    for (let read = 1; read > 0 && at < length; at += read) read = await file.read(bytes.subarray(at), offset + at);
  } catch (error) {
    throw new LogsError('STORE_DAMAGED', `${name} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (at < length || crcOf(bytes) !== crc) throw damaged(name);
}

function damaged(name: string): LogsError {
  return new LogsError('STORE_DAMAGED', `${name} does not have the bytes that were written`);
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
