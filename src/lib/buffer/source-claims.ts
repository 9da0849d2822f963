import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listIfThere, TEMPORARY, temporaryName } from './durable.ts';
import { fileFailure } from './failure.ts';
import { errorCode, type Fs, nodeFs } from './fs.ts';
import { removeFolderIfThere, removeTemporary } from './leftovers.ts';
import { LogsError } from '../errors.ts';
import { type Claim, claimFolder, ownerProcess, ownershipOf } from './owner.ts';

/** Where claims on the files being shipped are, in a store's or a queue's folder. */
export const SOURCES = 'sources';

/** Whoever sweeps has a claim for a moment, and takes the folder away: looked at so often before it is another's. */
const LOOKS = 5;
/** A claim that is older is nobody's who sweeps. */
const MOMENT_MS = 1_000;
/** Claims on files that were not shipped for so long: a file shipped again and again keeps its folder. */
const UNUSED_MS = 60 * 60_000;
/** A writer that leaves must not be kept by it. */
const SOURCES_MS = 200;
const PLACE = /^[0-9a-f]+-[0-9a-f]+$/;

/**
 * Claims on files that are shipped into a store or a queue: `DIR/sources/<device>-<inode>/`, owned like a writer's folder. A
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
