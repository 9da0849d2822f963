import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileFailure } from '../../../buffer/failure.ts';
import { errorCode, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { type Claim, claimFolder, ownerProcess, ownershipOf } from '../owner.ts';
import { SOURCES } from '../store-folder.ts';

/** Whoever sweeps has a claim for a moment, and takes the folder away: looked at so often before it is another's. */
const LOOKS = 5;
/** A claim that is older is nobody's who sweeps. */
const MOMENT_MS = 1_000;

/**
 * Claims on files that are shipped into a store: `STORE/sources/<device>-<inode>/`, owned like a writer's folder. A
 * claim of a process that has ended, however, is nobody's.
 */
export function openSourceClaims(dir: string) {
  return {
    /** Throws SOURCE_CLAIMED, naming the process and the path, while someone else ships the file. */
    async claim(place: string, name: string): Promise<{ release(): Promise<void> }> {
      const folder = join(dir, SOURCES, place);
      for (let look = 1; look <= LOOKS; look += 1) {
        if (look > 1) await sleep(10 * look);
        const claim = await tryClaim(folder);
        if (claim !== undefined) return { release: () => claim.release() };
        const found = await nodeFs.stat(folder);
        if (found !== undefined && found.modified < Date.now() - MOMENT_MS) break;
      }
      const pid = await ownerProcess(nodeFs, folder).catch(() => undefined);
      throw new LogsError(
        'SOURCE_CLAIMED',
        `${name} is being shipped by ${pid === undefined ? 'another process' : `process ${pid}`}`,
        {
          hint: 'wait until that is done, or stop it; what it has shipped is not sent again',
        },
      );
    },
  };
}

async function tryClaim(folder: string): Promise<Claim | undefined> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A folder that nobody ever claimed is free: whoever links first has it.
    const owner = await ownershipOf(nodeFs, folder, Number.POSITIVE_INFINITY);
    if (owner.state === 'alive') return undefined;
    return await claimFolder(nodeFs, folder, 'claim' in owner ? owner.claim : 0);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, folder, 'claim');
  }
}
