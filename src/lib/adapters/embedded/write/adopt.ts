import { join } from 'node:path';
import { fileFailure } from '../../../buffer/failure.ts';
import type { Fs } from '../../../buffer/fs.ts';
import type { LogsError } from '../../../errors.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import type { SealQueue } from './seal-queue.ts';
import { removeUnreferenced } from './sweep.ts';
import { type FreeFolder, isAhead, type ReleaseMarker } from '../../../buffer/writer-folder.ts';
import { takeFolder } from './writer-folder.ts';

/** What upkeep of folders that nobody owns works with. */
export interface Adoption {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly commits: CommitLog;
  readonly seals: SealQueue;
  readonly tell: (problem: LogsError) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds after which a released log file is not left to be continued. */
  readonly oldMs: number;
  /** When to begin no more folders: upkeep must not keep a writer that wants to leave. */
  readonly until: () => number;
}

/** Seals what is in folders that nobody owns, where it has to be, one folder after the other. Gives what went wrong. */
export async function adoptAll(folders: readonly FreeFolder[], adoption: Adoption): Promise<readonly LogsError[]> {
  const failures: LogsError[] = [];
  for (const free of folders) {
    if (adoption.now() >= adoption.until()) break;
    try {
      if (needsUpkeep(free, adoption)) await adopt(free, adoption);
    } catch (error) {
      failures.push(fileFailure(error, join(adoption.tenantDir, 'log', free.writer), 'recover'));
    }
  }
  return failures;
}

/** A released folder only when its file has waited too long to be continued, or will not be. */
function needsUpkeep({ marker }: FreeFolder, adoption: Adoption): boolean {
  return marker === undefined || (marker.log !== undefined && isDue(marker, marker.log, adoption));
}

function isDue(of: { readonly t: number }, log: { readonly since: number }, { now, oldMs }: Adoption): boolean {
  return now() - log.since >= oldMs || isAhead(of, now());
}

async function adopt(free: FreeFolder, adoption: Adoption): Promise<void> {
  const { fs, tenantDir, commits, seals, tell } = adoption;
  const taken = await takeFolder(fs, tenantDir, free, commits, tell);
  if (taken === undefined) return;
  let marker: ReleaseMarker | undefined;
  try {
    const { writer, folder, claim, leftover, log, n, t } = taken;
    // First: the disk may be full of it.
    await removeUnreferenced(fs, tenantDir, commits, writer, claim.number - 1);
    const seal = ({ file, bytes }: { readonly file: string; readonly bytes: number }) =>
      seals.add({ writer, file, path: join(folder, file), claim: claim.number }, bytes);
    const sealed = leftover.map(seal);
    const due = log !== undefined && isDue(taken, log, adoption);
    if (due) sealed.push(seal(log));
    const whole = (await Promise.all(sealed)).every((report) => report !== undefined);
    if (whole) marker = { n, t, ...(log === undefined || due ? {} : { log }) };
  } finally {
    await taken.claim.release(marker);
  }
}
