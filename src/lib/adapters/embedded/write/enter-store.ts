import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { ownershipOf } from '../../../buffer/owner.ts';
import { type FreeFolder, freeFolders, isAhead, newFolder, type ReleaseMarker } from '../../../buffer/writer-folder.ts';
import { COMPACTOR } from '../layout.ts';
import { markStore, prepareStore } from '../store-folder.ts';
import { type ClaimedFolder, takeFolder } from './writer-folder.ts';

/** What a writer has once it may write. */
export interface Entered {
  readonly tenantDir: string;
  readonly commits: CommitLog;
  readonly own: ClaimedFolder;
  /** Other folders that nobody owns. */
  readonly others: readonly FreeFolder[];
}

interface Entering {
  readonly fs: Fs;
  readonly dir: string;
  readonly tenant?: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly tell: (problem: LogsError) => void;
}

/** A drop keeps writers out until it has moved the tenant away, which is soon. */
const LOOKS = 10;

/**
 * Makes the store if it is not there, and claims a folder in it: one that was released, if there is one whose receive
 * times are not in the future, so that many short runs fill one log file. Throws as `prepareStore` does, STORE_DAMAGED
 * where the commits are, and STORE_BUSY while the tenant is being dropped.
 */
export async function enterStore(entering: Entering): Promise<Entered> {
  for (let look = 1; ; look += 1) {
    try {
      return await tryEnter(entering);
    } catch (error) {
      if (look === LOOKS || !isDropped(error)) throw error;
      await sleep(10 * look);
    }
  }
}

/** Whether something was gone that had been made before. */
function isDropped(error: unknown): boolean {
  if (!(error instanceof LogsError)) return errorCode(error) === 'ENOENT';
  return error.code === 'STORE_BUSY' || error.code === 'NOT_FOUND' || errorCode(error.cause) === 'ENOENT';
}

async function tryEnter({ fs, dir, tenant, now, tell }: Entering): Promise<Entered> {
  const tenantDir = await prepareStore(fs, dir, tenant);
  const commits = new CommitLog(fs, tenantDir, now);
  // What was shipped cannot be told from commits that are damaged: nothing is taken in beside them.
  await commits.fold();
  const others: FreeFolder[] = [];
  let own: ClaimedFolder | undefined;
  for (const free of await freeFolders(fs, tenantDir, now())) {
    const mayBeOurs = free.writer !== COMPACTOR && free.marker !== undefined && !isAhead(free.marker, now());
    if (own === undefined && mayBeOurs) own = await takeFolder(fs, tenantDir, free, commits, tell);
    else others.push(free);
  }
  own ??= { ...(await newFolder(fs, tenantDir)), n: 0, t: 0, log: undefined, leftover: [] };
  await refuseDropped(fs, tenantDir, own, now());
  // A drop of the whole store may have taken it before it could see that there is a tenant again.
  await markStore(fs, dir);
  return { tenantDir, commits, own, others };
}

/**
 * A drop claims the folder `log` before it claims the writers' that it finds there, and lets go of it once the tenant is
 * moved away: either it has found ours, or we find its claim, or our folder is gone with the tenant.
 */
async function refuseDropped(fs: Fs, tenantDir: string, own: ClaimedFolder, now: number): Promise<void> {
  const { state } = await ownershipOf(fs, join(tenantDir, 'log'), now);
  if (state !== 'alive' && (await fs.stat(own.folder)) !== undefined) return;
  const { n, t, log, leftover, claim } = own;
  const marker: ReleaseMarker = { n, t, ...(log === undefined ? {} : { log }) };
  // It may be gone already.
  await claim.release(leftover.length > 0 ? undefined : marker).catch(() => undefined);
  throw new LogsError('STORE_BUSY', `${tenantDir} is being dropped`, {
    hint: 'Ship again when `logs store drop` has ended.',
  });
}
