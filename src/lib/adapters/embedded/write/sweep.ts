import { join } from 'node:path';
import { listIfThere, removeIfThere, TEMPORARY, temporaryName } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import {
  GRACE_MS,
  numberName,
  readCheckpoint,
  readCheckpointHead,
  removeFolderOfFiles,
} from '../commits/checkpoint.ts';
import { LogsError } from '../../../errors.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { claimFolder, ownershipOf } from '../owner.ts';
import { isNamed, listSegmentFiles } from '../segment/segment-files.ts';
import { SOURCES } from '../store-folder.ts';

/** A temporary file lives for one write; older than this its maker is gone or has failed. */
const TEMPORARY_MS = 60 * 60_000;
/** Claims on files that were not shipped for so long: a file shipped again and again keeps its folder. */
const UNUSED_MS = 60 * 60_000;
/** A writer that leaves must not be kept by it. */
const SOURCES_MS = 200;
const PLACE = /^[0-9a-f]+-[0-9a-f]+$/;

/**
 * Deletes what nobody needs any more: commits that were folded, ten minutes after the checkpoint that followed theirs;
 * files of removed segments, ten minutes after their removal; temporary files of the commit log that were left behind.
 */
export async function sweep(fs: Fs, tenantDir: string, log: CommitLog, now: number): Promise<void> {
  const folder = join(tenantDir, 'commits');
  const { commits, checkpoints } = await log.list();
  let kept = checkpoints.length - 1;
  while (kept > 0 && !(await standsAlone(fs, folder, checkpoints[kept] ?? 0, now))) kept -= 1;
  const folded = checkpoints[kept - 1] ?? 0;
  for (const checkpoint of checkpoints.slice(0, Math.max(0, kept)))
    await removeFolderIfThere(fs, join(folder, numberName(checkpoint)));
  for (const number of commits) {
    if (number <= folded) await removeIfThere(fs, join(folder, `${numberName(number)}.json`));
  }
  for (const name of await listIfThere(fs, folder)) {
    if (TEMPORARY.test(name)) await removeTemporary(fs, join(folder, name), now);
  }
  const state = await log.foldAll();
  for (const [key, at] of state.removedAt) {
    if (at > now - GRACE_MS || state.segments.has(key)) continue;
    await removeIfThere(fs, join(tenantDir, `${key}.parquet`));
    await removeIfThere(fs, join(tenantDir, `${key}.idx`));
  }
}

/**
 * Deletes folders of claims on files that nobody holds and nobody used for an hour, as far as it comes in the time.
 * Whoever has the claim moves the folder away as a whole: a claim in the making finds it gone and begins again. Were it
 * emptied instead, two could find different claims the highest. With `now` at infinity all that nobody holds are unused.
 */
export async function sweepSources(fs: Fs, dir: string, now: number, mostMs = SOURCES_MS): Promise<void> {
  const folder = join(dir, SOURCES);
  const until = performance.now() + mostMs;
  for (const name of await listIfThere(fs, folder)) {
    if (performance.now() > until) return;
    const path = join(folder, name);
    if (TEMPORARY.test(name)) await removeTemporary(fs, path, now);
    const found = await fs.stat(path);
    if (!PLACE.test(name) || found === undefined || found.modified > now - UNUSED_MS) continue;
    const owner = await ownershipOf(fs, path, now);
    if (owner.state === 'alive' || owner.state === 'young') continue;
    const claim = await claimFolder(fs, path, owner.claim);
    if (claim === undefined) continue;
    try {
      const away = join(folder, temporaryName());
      await fs.rename(path, away);
      await removeFolderIfThere(fs, away);
    } finally {
      await claim.release();
    }
  }
}

/** Whether a checkpoint is whole, so that those before it are not needed, and has been there for ten minutes. */
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
 * of that writer: it knows them dead or released, and the fold made here, after that, knows all they committed.
 */
export async function removeUnreferenced(
  fs: Fs,
  tenantDir: string,
  log: CommitLog,
  writer: string,
  claim: number,
): Promise<void> {
  const state = await log.foldAll();
  for (const file of await listSegmentFiles(fs, tenantDir)) {
    if (file.writer === writer && file.claim <= claim && !isNamed(file, state)) await removeIfThere(fs, file.path);
  }
}

async function removeTemporary(fs: Fs, path: string, now: number): Promise<void> {
  const found = await fs.stat(path);
  if (found === undefined || found.modified > now - TEMPORARY_MS) return;
  if (found.kind === 'folder') await removeFolderIfThere(fs, path);
  else await removeIfThere(fs, path);
}

/** Others may sweep at the same time. */
async function removeFolderIfThere(fs: Fs, folder: string): Promise<void> {
  try {
    await removeFolderOfFiles(fs, folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
