import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../../buffer/failure.ts';
import { nodeFs } from '../../buffer/fs.ts';
import { LogsError } from '../../errors.ts';
import { claimFolder, ownerProcess, ownershipOf } from './owner.ts';

/**
 * Claims on files that are shipped into a store: `STORE/sources/<device>-<inode>/`, owned like a writer's folder. A
 * claim of a process that has ended, however, is nobody's.
 */
export function openSourceClaims(dir: string) {
  return {
    /** Throws SOURCE_CLAIMED, naming the process and the path, while someone else ships the file. */
    async claim(place: string, name: string): Promise<{ release(): Promise<void> }> {
      const folder = join(dir, 'sources', place);
      const failed = (error: unknown): never => {
        throw fileFailure(error, folder, 'claim');
      };
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch(failed);
      // A folder that nobody ever claimed is free: whoever links first has it.
      const owner = await ownershipOf(nodeFs, folder, Number.POSITIVE_INFINITY).catch(failed);
      const last = 'claim' in owner ? owner.claim : 0;
      const claim = owner.state === 'alive' ? undefined : await claimFolder(nodeFs, folder, last);
      if (claim !== undefined) return { release: () => claim.release() };
      const pid = await ownerProcess(nodeFs, folder);
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
