import { join } from 'node:path';
import type { Fs } from '../../../buffer/fs.ts';
import { type Ownership, ownershipOf } from '../../../buffer/owner.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { segmentKey } from '../commits/commit-state.ts';
import { readLiveLogs } from '../read/live-logs.ts';
import { onlyCopies } from '../read/only-copies.ts';
import { isNamed, listSegmentFiles } from '../segment/segment-files.ts';

/** Files of segments that no commit names and nobody is at work on. */
export interface UnnamedFiles {
  /** Left by a seal or a compaction that did not come to its end. */
  readonly left: readonly { readonly path: string; readonly bytes: number }[];
  /** Segments that hold what nothing else does: the commit that named them is lost. */
  readonly lost: readonly Damage[];
}

/**
 * None when the commits are damaged, for then it is not known what they name. `damaged` has the segments, by `day/name`,
 * that are named but not whole.
 */
export async function unnamedFiles(fs: Fs, tenantDir: string, damaged: ReadonlySet<string>): Promise<UnnamedFiles> {
  // The files first, their owners then, what may hold their events after that, the commits last: what a claim committed
  // that has ended is in the fold.
  const files = await listSegmentFiles(fs, tenantDir);
  const owners = new Map<string, Ownership>();
  for (const writer of new Set(files.map((file) => file.writer)))
    owners.set(writer, await ownershipOf(fs, join(tenantDir, 'log', writer), Date.now()));
  const commitLog = new CommitLog(fs, tenantDir);
  try {
    const first = await commitLog.foldAll();
    const unnamed = files.filter((file) => {
      const owner = owners.get(file.writer);
      const inTheMaking = owner?.state === 'alive' && owner.claim <= file.claim;
      return !inTheMaking && !isNamed(file, first);
    });
    if (unnamed.length === 0) return { left: [], lost: [] };
    const logs = await readLiveLogs(fs, tenantDir);
    const state = await commitLog.foldAll();
    const only = await onlyCopies(unnamed, { fs, tenantDir, logs, state, damaged });
    const left: { path: string; bytes: number }[] = [];
    for (const file of unnamed) {
      const info = only.has(segmentKey(file)) ? undefined : await fs.stat(file.path);
      if (info !== undefined) left.push({ path: file.path, bytes: info.size });
    }
    const what =
      'it has events that nothing else has, and no commit names it: put the newest commits back from a backup';
    return { left, lost: [...only].map((where) => ({ where, what })) };
  } catch (error) {
    if (error instanceof LogsError && error.code === 'STORE_DAMAGED') return { left: [], lost: [] };
    throw error;
  }
}
