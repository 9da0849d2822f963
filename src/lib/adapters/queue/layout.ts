import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { jsonWithCrc, parseJsonWithCrc } from '../../buffer/crc.ts';
import { replaceFile } from '../../buffer/durable.ts';
import { errorCode, type Fs } from '../../buffer/fs.ts';
import type { SourceRange } from '../../record/batch.ts';
import { Covered } from './covered.ts';

/*
 * Names and shapes of what a queue holds on disk; docs/queue.md describes the same for people.
 *
 *   QUEUES/<name>/queue.json                  {"format":1,"target":"kafka://…"}
 *   QUEUES/<name>/log/<writer>/<n>-<life>.log  log files as the store has them
 *   QUEUES/<name>/log/<writer>/done.json       up to where its events are delivered
 *   QUEUES/<name>/log/<writer>/taken.json      what of which sources was in its files that are deleted
 *   QUEUES/<name>/taken/<20 digits>.json       the same, of all writers' folders that are deleted
 *   QUEUES/<name>/sources/, quarantine/        as in a store
 */

/** The checkpoint of a writer's folder: everything up to `seq` of the file with this number is done. */
export interface DoneUpTo {
  readonly n: number;
  readonly seq: number;
}

export const NOTHING_DONE: DoneUpTo = { n: 0, seq: 0 };

/** Folder of a queue before a target: readable, and different for each target. `shown` is its URL without secrets. */
export function queueName(shown: string): string {
  const words = shown
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 48);
  const hash = createHash('sha256').update(shown).digest('hex').slice(0, 8);
  return `${words}-${hash}`;
}

/** Whether text may be the name of a queue's folder: as `queueName` makes them. */
export function isQueueName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,60}$/.test(name);
}

export const DONE = 'done.json';
export const TAKEN = 'taken.json';

/** Nothing done where there is no checkpoint; undefined where there is one that is damaged. */
export async function readDone(fs: Fs, folder: string): Promise<DoneUpTo | undefined> {
  const value = await readChecked(fs, join(folder, DONE));
  if (value === undefined) return NOTHING_DONE;
  return isDone(value) ? { n: value.n, seq: value.seq } : undefined;
}

export function writeDone(fs: Fs, folder: string, { n, seq }: DoneUpTo): Promise<void> {
  return replaceFile(fs, join(folder, DONE), jsonWithCrc({ format: 1, n, seq }));
}

/** What of which sources was in files of a writer that are deleted; undefined where the file of it is damaged. */
export async function readTaken(fs: Fs, folder: string): Promise<Covered | undefined> {
  const value = await readChecked(fs, join(folder, TAKEN));
  return value === undefined ? new Covered() : takenIn(value);
}

export function writeTaken(fs: Fs, folder: string, covered: Covered): Promise<void> {
  return replaceFile(fs, join(folder, TAKEN), takenBytes(covered));
}

export function takenBytes(covered: Covered): Buffer {
  return jsonWithCrc({ format: 1, sources: [...covered.ranges()] });
}

/** Undefined for what `takenBytes` does not make. */
export function takenIn(value: unknown): Covered | undefined {
  if (typeof value !== 'object' || value === null || !('sources' in value)) return undefined;
  const covered = new Covered();
  // The CRC says that it is as it was written.
  covered.addAll(value.sources as readonly SourceRange[]);
  return covered;
}

/** Undefined where there is no such file; null where it is not as it was written. */
export async function readChecked(fs: Fs, path: string): Promise<unknown> {
  try {
    return parseJsonWithCrc(await fs.readFile(path)) ?? null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isDone(value: unknown): value is DoneUpTo {
  if (typeof value !== 'object' || value === null || !('n' in value) || !('seq' in value)) return false;
  return Number.isSafeInteger(value.n) && Number.isSafeInteger(value.seq);
}
