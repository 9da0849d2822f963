import { join } from 'node:path';
import { parseJsonWithCrc } from '../../../buffer/crc.ts';
import { listIfThere } from '../../../buffer/durable.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { damaged, numberName, readCheckpoint } from './checkpoint.ts';
import { applyCommits, type FoldedState, logKey, NOTHING_COMMITTED } from './commit-state.ts';
import type { Commit, LogRange, SegmentEntry } from '../layout.ts';

const COMMIT_NAME = /^(\d{20})\.json$/;
const CHECKPOINT_NAME = /^\d{20}$/;

const LEFT_OUT = 'does not have the bytes that were written; what it names is left out';

export type ReadCommit = { readonly commit: Commit; readonly crc: number };

/** What is in the folder of commits, by number, rising. */
export interface CommitListing {
  readonly commits: readonly number[];
  readonly checkpoints: readonly number[];
}

export async function listCommits(fs: Fs, folder: string): Promise<CommitListing> {
  const names = await listIfThere(fs, folder);
  const numbers = (pattern: RegExp): number[] =>
    names
      .filter((name) => pattern.test(name))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => a - b);
  return { commits: numbers(COMMIT_NAME), checkpoints: numbers(CHECKPOINT_NAME) };
}

export function commitPath(folder: string, number: number): string {
  return join(folder, `${numberName(number)}.json`);
}

/** Undefined when there is none of that number. Throws STORE_DAMAGED, also for what the disk cannot read, STORE_VERSION. */
export async function readCommit(fs: Fs, folder: string, number: number): Promise<ReadCommit | undefined> {
  const path = commitPath(folder, number);
  let bytes: Buffer;
  try {
    bytes = await fs.readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw errorCode(error) === 'EIO' ? damaged(path) : fileFailure(error, path, 'read');
  }
  const commit = parseJsonWithCrc(bytes) as (Commit & { readonly crc: number }) | undefined;
  if (commit === undefined || commit.number !== number) throw damaged(path);
  if (commit.format !== 1) {
    throw new LogsError('STORE_VERSION', `${path} has format ${String(commit.format)}, this program knows 1`, {
      hint: 'Use the version of logs that wrote it, or a newer one.',
    });
  }
  return { commit, crc: commit.crc };
}

/**
 * What a damaged commit log still says, for reading alone: a commit that is left out may have named segments, removed
 * others and consumed logs. `damage` has what was left out; `noted` is the number of a commit that there was.
 */
export async function salvageCommits(
  fs: Fs,
  folder: string,
  noted: number,
): Promise<{ readonly state: FoldedState; readonly damage: readonly Damage[] }> {
  const { commits, checkpoints } = await listCommits(fs, folder);
  const damage: Damage[] = [];
  let state = NOTHING_COMMITTED;
  for (const number of [...checkpoints].reverse()) {
    const whole = await orDamage(
      () => readCheckpoint(fs, folder, number),
      { where: join(folder, numberName(number)), what: LEFT_OUT },
      damage,
    );
    if (whole === undefined) continue;
    state = whole;
    break;
  }
  const read: ReadCommit[] = [];
  const newest = Math.max(commits.at(-1) ?? 0, checkpoints.at(-1) ?? 0, noted);
  let next = state.number + 1;
  const gap = (to: number): void => {
    if (to < next) return;
    const what = next === to ? `commit ${next} is missing` : `commits ${next} to ${to} are missing`;
    damage.push({ where: folder, what: `${what}; what they name is left out` });
  };
  for (const number of commits.filter((each) => each >= next)) {
    gap(number - 1);
    next = number + 1;
    const one = await orDamage(
      () => readCommit(fs, folder, number),
      { where: commitPath(folder, number), what: LEFT_OUT },
      damage,
    );
    if (one !== undefined) read.push(one);
  }
  gap(newest);
  return { state: { ...withoutReplaced(applyCommits(state, read)), number: newest }, damage };
}

/**
 * A commit that is left out may have removed segments whose rows a later one has in others. Of a day, rows of one range
 * of a log file are in one segment only: the last that was added. What segments have, log files need not be read for.
 */
function withoutReplaced(state: FoldedState): FoldedState {
  const places = ({ day, days = [day], ranges }: SegmentEntry): string[] =>
    ranges.flatMap(({ from, to, days: own = days, ...log }) => own.map((of) => `${of} ${logKey(log)} ${from} ${to}`));
  const last = new Map<string, SegmentEntry>();
  for (const segment of state.segments.values()) for (const place of places(segment)) last.set(place, segment);
  const segments = new Map(
    [...state.segments].filter(([, segment]) => places(segment).every((place) => last.get(place) === segment)),
  );
  const consumed = new Map<string, readonly LogRange[]>(state.consumed);
  for (const { ranges } of segments.values())
    for (const range of ranges) consumed.set(logKey(range), [...(consumed.get(logKey(range)) ?? []), range]);
  return { ...state, segments, consumed };
}

/** Every commit and checkpoint that does not have the bytes that were written, needed or not. */
export async function damagedCommits(fs: Fs, folder: string): Promise<Damage[]> {
  const { commits, checkpoints } = await listCommits(fs, folder);
  const damage: Damage[] = [];
  const harmed = (where: string): Damage => ({ where, what: 'does not have the bytes that were written' });
  for (const number of checkpoints)
    await orDamage(() => readCheckpoint(fs, folder, number), harmed(join(folder, numberName(number))), damage);
  for (const number of commits)
    await orDamage(() => readCommit(fs, folder, number), harmed(commitPath(folder, number)), damage);
  return damage;
}

/** Undefined where it is damaged, which is noted, or gone meanwhile. */
async function orDamage<T>(read: () => Promise<T>, { where, what }: Damage, damage: Damage[]): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (!(error instanceof LogsError) || error.code !== 'STORE_DAMAGED') throw error;
    damage.push({ where, what });
    return undefined;
  }
}
