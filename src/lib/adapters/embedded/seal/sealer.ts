import { join } from 'node:path';
import { ensureFolder, putIfAbsent, removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { BuildResult } from './builder.ts';
import { buildInWorker, startIdleBuilder, tidyBuilder } from './builder-pool.ts';
import { CommitConflict, type CommitLog } from '../commits/commit-log.ts';
import { commitSegments, dropSegments } from '../commits/commit-segments.ts';
import { logKey } from '../commits/commit-state.ts';
import { QUARANTINE } from '../../../buffer/recover.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import type { SealReport } from '../write/seal-queue.ts';
import { idxPath } from '../segment/segment.ts';
import { nextSegmentName } from '../segment/segment-name.ts';

export interface SealOptions {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly commitLog: CommitLog;
  readonly log: {
    readonly writer: string;
    readonly file: string;
    /** Absolute. */
    readonly path: string;
    /** Number of the claim on the writer's folder, which the caller holds. */
    readonly claim: number;
  };
  /** Awaited before the segments are committed. */
  readonly turn?: Promise<unknown> | undefined;
  /** Other log files wait: the segments are made sooner, and larger. */
  readonly hurried?: boolean;
  /** Hears of damage to what was acknowledged, once a copy of it is in the quarantine, and of what could be put right. */
  readonly tell?: (problem: LogsError) => void;
}

/** Attempts before a conflict that keeps coming back is an error; each fold leaves less to conflict with. */
const ATTEMPTS = 5;

/**
 * Turns a log file into segments and deletes it: builds them in a worker thread, where they are read back and compared
 * with the log, commits them, and only then deletes the log. Whatever fails before the commit leaves the log as it is,
 * and of the segments nothing.
 * Throws NO_SPACE and the like, INTERNAL when what was written does not read back.
 */
export async function sealLog(options: SealOptions): Promise<SealReport> {
  const { fs, tenantDir, commitLog, log, tell } = options;
  for (let attempt = 1; ; attempt++) {
    const base = await commitLog.fold();
    const built = await buildInWorker({
      tenantDir,
      path: log.path,
      writer: log.writer,
      file: log.file,
      name: nextSegmentName(log),
      consumed: base.consumed.get(logKey(log)) ?? [],
      hurried: options.hurried === true,
      ...newestIndex(tenantDir, base),
    });
    for (const problem of built.problems) tell?.(new LogsError('INTERNAL', `${log.path}: ${problem}`));
    try {
      // Before the commit: after it the log may go at any moment, and the only copy of what is damaged with it.
      if (built.damage.length > 0) await keepDamaged(options, built.damage);
    } catch (error) {
      await dropSegments(fs, tenantDir, built.added).catch(() => undefined);
      throw error;
    }
    try {
      await options.turn;
      const { added, consumed, positions } = built;
      if (consumed === undefined) await commitLog.settle(base);
      else await commitSegments(options, base, { added, removed: [], consumed: [consumed], positions });
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      if (attempt === ATTEMPTS) throw new LogsError('STORE_BUSY', `${log.path} could not be sealed: ${error.message}`);
      continue;
    }
    await removeIfThere(fs, log.path);
    return { unparsed: built.unparsed };
  }
}

/** Starts what a seal in this folder needs and takes a quarter of a second, ahead of it. */
export function prepareSeal(tenantDir: string): void {
  startIdleBuilder(tenantDir);
}

/** Lets go of what is kept on the disk from one seal for the next, when there is none for now. */
export async function restSeals(): Promise<void> {
  await tidyBuilder();
}

/** The index of the segment that holds what was received last: the keys of the next segment are chosen by it. */
function newestIndex(tenantDir: string, { segments }: StoreState): { before?: string } {
  let newest: SegmentEntry | undefined;
  for (const segment of segments.values()) {
    if (newest === undefined || segment.maxReceived > newest.maxReceived) newest = segment;
  }
  return newest === undefined ? {} : { before: idxPath(tenantDir, newest) };
}

/** Copies damaged parts of a log file into the quarantine, under the names that recovery gives them, before it is deleted. */
async function keepDamaged({ fs, tenantDir, log, tell }: SealOptions, damage: BuildResult['damage']): Promise<void> {
  const folder = join(tenantDir, QUARANTINE);
  await ensureFolder(fs, folder);
  const bytes = await fs.readFile(log.path);
  for (const { offset, length, what } of damage) {
    const copy = join(folder, `${log.writer}-${log.file}-${offset}.damaged`);
    const isNew = await putIfAbsent(fs, copy, bytes.subarray(offset, offset + length));
    if (!isNew) continue;
    tell?.(
      new LogsError('STORE_DAMAGED', `${log.path} is damaged at byte ${offset}: ${what}`, {
        hint: `The other frames are kept; the ${length} bytes are in ${copy}.`,
      }),
    );
  }
}
