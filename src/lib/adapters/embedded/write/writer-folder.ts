import { join } from 'node:path';
import { removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { parseLogFileName } from '../../../buffer/log-file.ts';
import type { LogFileState } from '../../../buffer/log-file-writer.ts';
import { type LogFileEntry, listWriterLogs } from '../../../buffer/log-folder.ts';
import { type Claim, claimFolder } from '../../../buffer/owner.ts';
import { holdsAnything, recoverLog } from '../../../buffer/recover.ts';
import type { FreeFolder } from '../../../buffer/writer-folder.ts';
import { LogsError } from '../../../errors.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { logKey } from '../commits/commit-state.ts';
import type { StoreState } from '../layout.ts';

/** A writer's folder that is ours. */
export interface ClaimedFolder {
  readonly writer: string;
  readonly folder: string;
  readonly claim: Claim;
  /** Files and receive times that come have to be above these. */
  readonly n: number;
  readonly t: number;
  /** The file to go on with. */
  readonly log: LogFileState | undefined;
  /** Files to be sealed, whole and in order. */
  readonly leftover: readonly LogFileEntry[];
}

/**
 * Claims a folder that was found free and puts its log files in order: what was committed is deleted, what was left
 * dirty is recovered. The commits are folded after the claim. Undefined when someone else was faster.
 */
export async function takeFolder(
  fs: Fs,
  tenantDir: string,
  free: FreeFolder,
  commits: Pick<CommitLog, 'fold' | 'settle'>,
  tell: (problem: LogsError) => void,
): Promise<ClaimedFolder | undefined> {
  const folder = join(tenantDir, 'log', free.writer);
  const claim = await claimFolder(fs, folder, free.claim);
  if (claim === undefined) return undefined;
  try {
    const state = await commits.fold();
    let n = free.marker?.n ?? 0;
    let t = Math.max(free.marker?.t ?? 0, newestSealed(state, free.writer));
    let log: LogFileState | undefined;
    const leftover: LogFileEntry[] = [];
    for (const entry of await listWriterLogs(fs, tenantDir, free.writer)) {
      n = Math.max(n, parseLogFileName(entry.file)?.n ?? 0);
      const last = free.marker?.log;
      const whole = free.marker !== undefined && last?.file === entry.file && last.bytes === entry.bytes;
      if (whole && !state.consumed.has(logKey(entry))) {
        log = last;
        continue;
      }
      const scan = await recoverLog(fs, tenantDir, entry, tell);
      t = Math.max(t, scan.frames.at(-1)?.header.t ?? 0);
      if (isConsumed(entry, state, scan.frames.at(-1)?.header.seq ?? 0)) {
        await commits.settle(state);
        await removeIfThere(fs, entry.path);
        await fs.syncFolder(folder);
        continue;
      }
      if (holdsAnything(scan)) leftover.push(entry);
    }
    return { writer: free.writer, folder, claim, n, t, log, leftover };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

/** Whether commits consumed the frames of a file: it is only deleted then. */
function isConsumed(entry: LogFileEntry, state: StoreState, lastSeq: number): boolean {
  const consumed = state.consumed.get(logKey(entry));
  if (consumed === undefined) return false;
  const to = Math.max(...consumed.map((range) => range.to));
  if (lastSeq <= to + 1) return true;
  // Sealing ends a file: at most the empty frame of a clean end may stand behind what was consumed.
  throw new LogsError('STORE_DAMAGED', `${entry.path} has frames up to ${lastSeq}, but was sealed up to ${to}`, {
    hint: 'Move the file away to go on; its frames above the number named are in no segment.',
  });
}

/** The newest receive time of what a writer has in segments; its log files may be gone. */
function newestSealed(state: StoreState, writer: string): number {
  let newest = 0;
  for (const segment of state.segments.values()) {
    for (const range of segment.ranges) {
      if (range.writer === writer) newest = Math.max(newest, range.received?.[1] ?? segment.maxReceived);
    }
  }
  return newest;
}
