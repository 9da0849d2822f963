import { join } from 'node:path';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { CommitLog } from '../commits/commit-log.ts';
import type { FoldedState } from '../commits/commit-state.ts';
import { type Ownership, ownershipOf } from '../../../buffer/owner.ts';
import { isNamed, listSegmentFiles } from '../segment/segment-files.ts';

/**
 * Files of segments that no commit names and nobody is at work on: left by a seal that failed. None when the commits are
 * damaged, for then it is not known what they name.
 */
export async function unnamedFiles(fs: Fs, tenantDir: string): Promise<{ path: string; bytes: number }[]> {
  // The files first, their owners then, the commits last: what a claim committed that has ended is in the fold.
  const files = await listSegmentFiles(fs, tenantDir);
  const owners = new Map<string, Ownership>();
  for (const writer of new Set(files.map((file) => file.writer)))
    owners.set(writer, await ownershipOf(fs, join(tenantDir, 'log', writer), Date.now()));
  const state = await foldOrNothing(fs, tenantDir);
  if (state === undefined) return [];
  const found: { path: string; bytes: number }[] = [];
  for (const file of files) {
    const owner = owners.get(file.writer);
    const inTheMaking = owner?.state === 'alive' && owner.claim <= file.claim;
    if (inTheMaking || isNamed(file, state)) continue;
    const info = await fs.stat(file.path);
    if (info !== undefined) found.push({ path: file.path, bytes: info.size });
  }
  return found;
}

async function foldOrNothing(fs: Fs, tenantDir: string): Promise<FoldedState | undefined> {
  try {
    return await new CommitLog(fs, tenantDir).foldAll();
  } catch (error) {
    if (error instanceof LogsError && error.code === 'STORE_DAMAGED') return undefined;
    throw error;
  }
}
