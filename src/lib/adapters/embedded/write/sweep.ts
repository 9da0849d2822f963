import { join } from 'node:path';
import { listIfThere, removeIfThere, TEMPORARY } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { removeFolderIfThere, removeTemporary } from '../../../buffer/leftovers.ts';
import { GRACE_MS, numberName, readCheckpoint, readCheckpointHead } from '../commits/checkpoint.ts';
import { LogsError } from '../../../errors.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { segmentKey } from '../commits/commit-state.ts';
import { readLiveLogs } from '../read/live-logs.ts';
import { onlyCopies } from '../read/only-copies.ts';
import { isNamed, listSegmentFiles } from '../segment/segment-files.ts';

/**
 * Deletes what nobody needs any more: commits and checkpoints that two younger checkpoints hold, ten minutes after both
 * are there; files of removed segments, ten minutes after their removal; temporary files of the commit log that were
 * left behind.
 */
export async function sweep(fs: Fs, tenantDir: string, log: CommitLog, now: number): Promise<void> {
  const folder = join(tenantDir, 'commits');
  const { commits, checkpoints } = await log.list();
  const kept = await keptCheckpoint(fs, folder, checkpoints, now);
  for (const number of checkpoints) {
    if (number < kept) await removeFolderIfThere(fs, join(folder, numberName(number)));
  }
  for (const number of commits) {
    if (number <= kept) await removeIfThere(fs, join(folder, `${numberName(number)}.json`));
  }
  for (const name of await listIfThere(fs, folder)) {
    if (TEMPORARY.test(name)) await removeTemporary(fs, join(folder, name), now);
  }
  await removeSuperseded(fs, tenantDir, log, now - GRACE_MS);
}

/**
 * Deletes files of segments that were removed by a time, milliseconds since 1970; gives how many. Readers that still had
 * a use for them fold again.
 */
export async function removeSuperseded(fs: Fs, tenantDir: string, log: CommitLog, until: number): Promise<number> {
  const state = await log.foldAll();
  let deleted = 0;
  for (const [key, at] of state.removedAt) {
    if (at > until || state.segments.has(key)) continue;
    for (const path of [join(tenantDir, `${key}.parquet`), join(tenantDir, `${key}.idx`)]) {
      if ((await fs.stat(path)) === undefined) continue;
      if (deleted === 0) await log.settle(state);
      if (await removeIfThere(fs, path)) deleted += 1;
    }
  }
  return deleted;
}

/**
 * The checkpoint before the newest, of those that are whole and have been there for ten minutes: what it holds is held
 * twice, so that no damage of one file takes what a store has. 0 where there are not two.
 */
async function keptCheckpoint(fs: Fs, folder: string, checkpoints: readonly number[], now: number): Promise<number> {
  let whole = 0;
  for (const number of [...checkpoints].reverse()) {
    if (await standsAlone(fs, folder, number, now)) whole += 1;
    if (whole === 2) return number;
  }
  return 0;
}

/** Whether a checkpoint is whole, so that those before it are not read, and has been there for ten minutes. */
async function standsAlone(fs: Fs, folder: string, number: number, now: number): Promise<boolean> {
  try {
    if ((await readCheckpointHead(fs, folder, number)).at > now - GRACE_MS) return false;
    await readCheckpoint(fs, folder, number);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || (error instanceof LogsError && error.code === 'STORE_DAMAGED')) return false;
    throw error;
  }
}

/**
 * Deletes segment files that a writer's claims up to `claim` left without a commit. Only for the holder of a later claim
 * of that writer: it knows them dead or released, and the fold made here, after that, knows all they committed. What may
 * be the only copy of events stays: `logs store verify` tells it.
 */
export async function removeUnreferenced(
  fs: Fs,
  tenantDir: string,
  log: CommitLog,
  writer: string,
  claim: number,
): Promise<void> {
  const files = (await listSegmentFiles(fs, tenantDir)).filter((file) => file.writer === writer && file.claim <= claim);
  const before = await log.foldAll();
  const unnamed = files.filter((file) => !isNamed(file, before));
  if (unnamed.length === 0) return;
  const logs = unnamed.some(({ whole }) => whole) ? await readLiveLogs(fs, tenantDir) : [];
  const only = await onlyCopies(unnamed, { fs, tenantDir, logs, state: await log.foldAll() });
  for (const file of unnamed) if (!only.has(segmentKey(file))) await removeIfThere(fs, file.path);
}
