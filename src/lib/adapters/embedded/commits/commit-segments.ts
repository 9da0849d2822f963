import { removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { idxPath, parquetPath } from '../segment/segment.ts';
import { CommitConflict, type CommitLog } from './commit-log.ts';
import { type Change, segmentKey } from './commit-state.ts';

/**
 * Commits segments that were built from `base`. Where they surely do not count, their files are deleted before it throws:
 * segments that nobody will ever read, one copy more at each try, keep a full disk full. Throws as `CommitLog.commit`.
 */
export async function commitSegments(
  { fs, tenantDir, commitLog }: { readonly fs: Fs; readonly tenantDir: string; readonly commitLog: CommitLog },
  base: StoreState,
  change: Change,
): Promise<void> {
  try {
    await commitLog.commit(base, change);
  } catch (error) {
    if (error instanceof CommitConflict || !(await mayCount(commitLog, change.added)))
      await dropSegments(fs, tenantDir, change.added).catch(() => undefined);
    throw error;
  }
}

/** Deletes the files of segments that no commit names. What it cannot delete, the next owner of their maker's folder does. */
export async function dropSegments(fs: Fs, tenantDir: string, segments: readonly SegmentEntry[]): Promise<void> {
  for (const segment of segments) {
    await removeIfThere(fs, parquetPath(tenantDir, segment));
    await removeIfThere(fs, idxPath(tenantDir, segment));
  }
}

/** Whether a commit that failed may be one of the store's commits all the same: its name was there, its sync failed. */
async function mayCount(commitLog: CommitLog, added: readonly SegmentEntry[]): Promise<boolean> {
  try {
    const { segments } = await commitLog.fold();
    return added.some((segment) => segments.has(segmentKey(segment)));
  } catch {
    return true;
  }
}
