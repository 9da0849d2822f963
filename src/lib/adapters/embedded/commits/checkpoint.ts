import { join } from 'node:path';
import { crcOf, jsonWithCrc, parseJsonWithCrc } from '../../../buffer/crc.ts';
import { removeFolderOfFiles, temporaryName, writeNewFile } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { type FoldedState, logKey, segmentKey } from './commit-state.ts';
import type { FileSum, LogRange, SegmentEntry, SourcePosition } from '../layout.ts';

/** `state.json` of a checkpoint: everything but segments and positions, which have files of their own, named here. */
export interface CheckpointHead {
  readonly format: 1;
  readonly number: number;
  /** When it was made, milliseconds since 1970. */
  readonly at: number;
  readonly days: readonly { readonly day: string; readonly sum: FileSum }[];
  readonly positions: FileSum;
  readonly consumed: readonly (LogRange & { readonly at: number })[];
  readonly removed: readonly { readonly segment: string; readonly at: number }[];
  readonly recent: readonly (readonly [number: number, crc: number])[];
}

/** Readers that began before a file was given up may still want it for so long. */
export const GRACE_MS = 10 * 60_000;
const HEAD = 'state.json';
const POSITIONS = 'positions.json';

/** The 20-digit name of a commit file (with `.json`) or a checkpoint's folder. */
export function numberName(number: number): string {
  return String(number).padStart(20, '0');
}

function dayFile(day: string): string {
  return `day-${day}.json`;
}

/** What helps where the commit log itself is damaged: without all of it, what was shipped is not known. */
export const COMMITS_REMEDY =
  'What else it holds can be searched. To ship, put the file back from a backup, or choose another folder with --store.';

/** The error of a commit or a part of a checkpoint that is not what was written. */
export function damaged(path: string): LogsError {
  return new LogsError('STORE_DAMAGED', `${path} does not have the bytes that were written`, { hint: COMMITS_REMEDY });
}

async function readPart(fs: Fs, path: string): Promise<Buffer> {
  try {
    return await fs.readFile(path);
  } catch (error) {
    throw errorCode(error) === 'EIO' ? damaged(path) : error;
  }
}

/** The first file of a checkpoint alone: when it was made and which commits it holds. */
export async function readCheckpointHead(fs: Fs, commits: string, number: number): Promise<CheckpointHead> {
  const path = join(commits, numberName(number), HEAD);
  const head = parseJsonWithCrc(await readPart(fs, path)) as CheckpointHead | undefined;
  if (head === undefined) throw damaged(path);
  if (head.format !== 1) {
    throw new LogsError('STORE_VERSION', `${path} has format ${String(head.format)}, this program knows 1`, {
      hint: 'Use the version of logs that wrote it, or a newer one.',
    });
  }
  return head;
}

/** Reads the checkpoint of `number`. Throws the error of `node:fs` (ENOENT) when it has just been removed. */
export async function readCheckpoint(fs: Fs, commits: string, number: number): Promise<FoldedState> {
  const head = await readCheckpointHead(fs, commits, number);
  const folder = join(commits, numberName(number));
  const part = async (name: string, sum: FileSum): Promise<unknown> => {
    const bytes = await readPart(fs, join(folder, name));
    if (bytes.length !== sum.bytes || crcOf(bytes) !== sum.crc) throw damaged(join(folder, name));
    return JSON.parse(bytes.toString('utf8'));
  };
  const segments = new Map<string, SegmentEntry>();
  for (const { day, sum } of head.days) {
    for (const segment of (await part(dayFile(day), sum)) as SegmentEntry[]) segments.set(segmentKey(segment), segment);
  }
  const positions = new Map<string, SourcePosition>();
  for (const position of (await part(POSITIONS, head.positions)) as SourcePosition[])
    positions.set(position.id, position);
  const consumed = new Map<string, LogRange[]>();
  const consumedAt = new Map<string, number>();
  for (const { at, ...range } of head.consumed) {
    const key = logKey(range);
    consumed.set(key, [...(consumed.get(key) ?? []), range]);
    consumedAt.set(key, at);
  }
  return {
    number,
    segments,
    positions,
    consumed,
    consumedAt,
    removedAt: new Map(head.removed.map(({ segment, at }) => [segment, at])),
    recent: new Map(head.recent),
  };
}

/**
 * Writes the state as a checkpoint. It counts once its folder has its name: until then nothing reads it. Nothing to do
 * when there is one of that number.
 */
export async function writeCheckpoint(fs: Fs, commits: string, state: FoldedState, at: number): Promise<void> {
  const folder = join(commits, temporaryName());
  await fs.makeFolder(folder);
  const write = async (name: string, value: object): Promise<FileSum> => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
    await writeNewFile(fs, join(folder, name), bytes);
    return { bytes: bytes.length, crc: crcOf(bytes) };
  };
  try {
    const byDay = groupByDay(state);
    const days: { day: string; sum: FileSum }[] = [];
    for (const [day, segments] of byDay) days.push({ day, sum: await write(dayFile(day), segments) });
    const positions = await write(POSITIONS, [...state.positions.values()]);
    const head: CheckpointHead = {
      format: 1,
      number: state.number,
      at,
      days,
      positions,
      consumed: [...state.consumed].flatMap(([key, ranges]) =>
        ranges.map((range) => ({ ...range, at: state.consumedAt.get(key) ?? at })),
      ),
      removed: [...state.removedAt].map(([segment, removedAt]) => ({ segment, at: removedAt })),
      recent: [...state.recent],
    };
    await writeNewFile(fs, join(folder, HEAD), jsonWithCrc(head));
    await fs.syncFolder(folder);
    await fs.rename(folder, join(commits, numberName(state.number)));
  } catch (error) {
    await removeFolderOfFiles(fs, folder);
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return;
    throw error;
  }
  await fs.syncFolder(commits);
}

function groupByDay(state: FoldedState): Map<string, SegmentEntry[]> {
  const days = new Map<string, SegmentEntry[]>();
  for (const segment of state.segments.values()) {
    const day = days.get(segment.day);
    if (day === undefined) days.set(segment.day, [segment]);
    else day.push(segment);
  }
  return days;
}

/** What a checkpoint need not carry on: log files and removed segments that have been gone for longer than any reader looks back. */
export async function forgetOld(fs: Fs, tenantDir: string, state: FoldedState, now: number): Promise<FoldedState> {
  const consumed = new Map(state.consumed);
  const consumedAt = new Map(state.consumedAt);
  const removedAt = new Map(state.removedAt);
  for (const [key, at] of state.consumedAt) {
    if (at > now - GRACE_MS || (await fs.stat(join(tenantDir, 'log', key))) !== undefined) continue;
    consumed.delete(key);
    consumedAt.delete(key);
  }
  for (const [key, at] of state.removedAt) {
    if (at > now - GRACE_MS || (await fs.stat(join(tenantDir, `${key}.parquet`))) !== undefined) continue;
    removedAt.delete(key);
  }
  return { ...state, consumed, consumedAt, removedAt };
}
