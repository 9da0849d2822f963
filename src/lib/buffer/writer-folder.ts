import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureFolder } from './durable.ts';
import type { Fs } from './fs.ts';
import { listWriters } from './log-folder.ts';
import type { LogFileState } from './log-file-writer.ts';
import { type Claim, claimFolder, ownershipOf } from './owner.ts';

/** What `released.<k>` says: where the next owner goes on. */
export interface ReleaseMarker {
  /** Highest number of a log file there was. */
  readonly n: number;
  /** Receive time of the newest frame there was, milliseconds. */
  readonly t: number;
  /** The log file that can be continued, if one was left. */
  readonly log?: LogFileState;
}

/** A folder that nobody owns. */
export interface FreeFolder {
  readonly writer: string;
  readonly claim: number;
  /** Set when its last owner left it in order. */
  readonly marker: ReleaseMarker | undefined;
}

/** A folder that was made and claimed. */
export interface NewFolder {
  readonly writer: string;
  readonly folder: string;
  readonly claim: Claim;
}

/** A clock that went back by more is taken for one that had been wrong before. */
const AHEAD_MS = 60_000;

/**
 * Whether a released folder's receive times are in the future. They never fall within a folder, so whoever went on
 * there would give every event a wrong one; a folder of one's own has none.
 */
export function isAhead({ t }: { readonly t: number }, now: number): boolean {
  return t > now + AHEAD_MS;
}

/** Makes and claims a folder under a new writer id. */
export async function newFolder(fs: Fs, dir: string): Promise<NewFolder> {
  for (;;) {
    const writer = randomBytes(6).toString('hex');
    const folder = join(dir, 'log', writer);
    await ensureFolder(fs, folder);
    const claim = await claimFolder(fs, folder, 0);
    if (claim !== undefined) return { writer, folder, claim };
  }
}

/** The writers' folders that nobody owns, released ones first. */
export async function freeFolders(fs: Fs, dir: string, now: number): Promise<FreeFolder[]> {
  const released: FreeFolder[] = [];
  const dead: FreeFolder[] = [];
  for (const writer of await listWriters(fs, dir)) {
    const owner = await ownershipOf(fs, join(dir, 'log', writer), now);
    const marker = owner.state === 'released' ? markerIn(owner.marker) : undefined;
    if (marker !== undefined && owner.state === 'released') released.push({ writer, claim: owner.claim, marker });
    else if (owner.state === 'released' || owner.state === 'dead')
      dead.push({ writer, claim: owner.claim, marker: undefined });
  }
  return [...released, ...dead];
}

/** A marker as this program writes it; undefined for anything else: then the folder counts as left dirty. */
function markerIn(value: unknown): ReleaseMarker | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { n, t, log } = value as Partial<ReleaseMarker>;
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(t)) return undefined;
  if (log === undefined) return value as ReleaseMarker;
  const whole =
    typeof log.file === 'string' && [log.bytes, log.seq, log.since, log.t].every((part) => Number.isSafeInteger(part));
  return whole ? (value as ReleaseMarker) : undefined;
}
