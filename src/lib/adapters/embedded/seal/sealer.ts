import { join } from 'node:path';
import { ensureFolder, putIfAbsent, removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { BuildResult } from './builder.ts';
import { buildInWorker, startIdleBuilder, tidyBuilders } from './builder-pool.ts';
import { CommitConflict, type CommitLog } from '../commits/commit-log.ts';
import { logKey, segmentKey } from '../commits/commit-state.ts';
import { QUARANTINE } from '../../../buffer/recover.ts';
import type { SealReport } from '../write/seal-queue.ts';
import { idxPath, parquetPath } from '../segment/segment.ts';

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
  /** Hears of damage to what was acknowledged, once a copy of it is in the quarantine. */
  readonly tell?: (problem: LogsError) => void;
}

/** Attempts before a conflict that keeps coming back is an error; each fold leaves less to conflict with. */
const ATTEMPTS = 5;

/** Names given under a claim of this process, which nobody else can hold: `<writer>-<claim>`, how many. */
const given = new Map<string, number>();

/**
 * Turns a log file into segments and deletes it: builds them in a worker thread, where they are read back and compared
 * with the log, commits them, and only then deletes the log. Whatever fails before the commit leaves the log as it is,
 * and of the segments nothing.
 * Throws NO_SPACE and the like, INTERNAL when what was written does not read back.
 */
export async function sealLog(options: SealOptions): Promise<SealReport> {
  const { fs, tenantDir, commitLog, log } = options;
  for (let attempt = 1; ; attempt++) {
    const base = await commitLog.fold();
    const built = await buildInWorker({
      tenantDir,
      path: log.path,
      writer: log.writer,
      file: log.file,
      name: nextName(log),
      consumed: base.consumed.get(logKey(log)) ?? [],
    });
    try {
      // Before the commit: after it the log may go at any moment, and the only copy of what is damaged with it.
      if (built.damage.length > 0) await keepDamaged(options, built.damage);
      const { added, consumed, positions } = built;
      if (consumed !== undefined) await commitLog.commit(base, { added, removed: [], consumed: [consumed], positions });
    } catch (error) {
      const conflict = error instanceof CommitConflict;
      // Segments that nobody will ever read, one copy more at each try, keep a full disk full.
      if (conflict || !(await mayCount(commitLog, built))) await dropFiles(fs, tenantDir, built).catch(() => undefined);
      if (!conflict) throw error;
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
  await tidyBuilders();
}

function nextName({ writer, claim }: SealOptions['log']): string {
  const key = `${writer}-${claim}`;
  const n = (given.get(key) ?? 0) + 1;
  given.set(key, n);
  return `${key}-${n}`;
}

/** Whether a commit that failed may be one of the store's commits all the same: its name was there, its sync failed. */
async function mayCount(commitLog: CommitLog, { added }: BuildResult): Promise<boolean> {
  try {
    const { segments } = await commitLog.fold();
    return added.some((segment) => segments.has(segmentKey(segment)));
  } catch {
    return true;
  }
}

/** What it cannot delete, the next owner of the writer's folder does. */
async function dropFiles(fs: Fs, tenantDir: string, built: BuildResult): Promise<void> {
  for (const segment of built.added) {
    await removeIfThere(fs, parquetPath(tenantDir, segment));
    await removeIfThere(fs, idxPath(tenantDir, segment));
  }
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
