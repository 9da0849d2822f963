import { join } from 'node:path';
import { ensureFolder } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { claimFolder, ownerProcess, ownershipOf } from '../../../buffer/owner.ts';
import type { ReleaseMarker } from '../../../buffer/writer-folder.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { COMPACTOR } from '../layout.ts';
import { removeUnreferenced } from '../write/sweep.ts';

/** What was learnt by earlier compactions, whoever made them. */
interface CompactorMarker extends ReleaseMarker {
  /** Bytes of events that were built anew in a millisecond. */
  readonly pace?: number;
}

/** The right to compact a tenant, until `release` or the end of the process. */
export interface CompactorClaim {
  readonly writer: string;
  readonly claim: number;
  /** Bytes of events a millisecond, as far as it is known. */
  readonly pace: number | undefined;
  release(pace: number | undefined): Promise<void>;
}

/** Undefined while someone else compacts, and while the tenant is being dropped or gone. What the last one left is deleted. */
export async function claimCompactor(
  fs: Fs,
  tenantDir: string,
  commitLog: CommitLog,
  now: number,
): Promise<CompactorClaim | undefined> {
  const folder = join(tenantDir, 'log', COMPACTOR);
  try {
    await ensureFolder(fs, folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const owner = await ownershipOf(fs, folder, now);
  if (owner.state === 'alive') return undefined;
  const claim = await claimFolder(fs, folder, 'claim' in owner ? owner.claim : 0);
  if (claim === undefined) return undefined;
  const known = owner.state === 'released' ? paceIn(owner.marker) : undefined;
  const release = (pace: number | undefined): Promise<void> => {
    const marker: CompactorMarker = { n: 0, t: 0, ...(pace === undefined ? {} : { pace }) };
    return claim.release(marker);
  };
  try {
    // A drop claims the folder `log` before it looks for the claims in there: it has found ours, or we find its.
    const entrance = await ownershipOf(fs, join(tenantDir, 'log'), now);
    if (entrance.state === 'alive' || (await fs.stat(folder)) === undefined) {
      await release(known).catch(() => undefined);
      return undefined;
    }
    await removeUnreferenced(fs, tenantDir, commitLog, COMPACTOR, claim.number - 1);
  } catch (error) {
    await claim.release();
    throw error;
  }
  return { writer: COMPACTOR, claim: claim.number, pace: known, release };
}

/** The process that compacts a tenant; undefined where there is none, or it does not say. */
export async function compactorProcess(fs: Fs, tenantDir: string): Promise<number | undefined> {
  return ownerProcess(fs, join(tenantDir, 'log', COMPACTOR));
}

function paceIn(marker: unknown): number | undefined {
  if (typeof marker !== 'object' || marker === null || !('pace' in marker)) return undefined;
  const { pace } = marker;
  return typeof pace === 'number' && Number.isFinite(pace) && pace > 0 ? pace : undefined;
}
