import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { ensureFolder, removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { parseLogFileName } from '../../../buffer/log-file.ts';
import type { LogFileState } from '../../../buffer/log-file-writer.ts';
import { LogsError } from '../../../errors.ts';
import { logKey } from '../commits/commit-state.ts';
import type { StoreState } from '../layout.ts';
import { type Claim, claimFolder, ownershipOf } from '../owner.ts';
import { holdsAnything, recoverLog } from './recover.ts';
import { type LogFileEntry, listWriterLogs, listWriters } from '../store-folder.ts';

/** What `released.<k>` says: where the next owner goes on. */
export interface ReleaseMarker {
  /** Highest number of a log file there was. */
  readonly n: number;
  /** Receive time of the newest frame there was, milliseconds. */
  readonly t: number;
  /** The log file that can be continued, if one was left. */
  readonly log?: LogFileState;
}

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

/** A folder that nobody owns. */
export interface FreeFolder {
  readonly writer: string;
  readonly claim: number;
  /** Set when its last owner left it in order. */
  readonly marker: ReleaseMarker | undefined;
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
export async function newFolder(fs: Fs, tenantDir: string): Promise<ClaimedFolder> {
  for (;;) {
    const writer = randomBytes(6).toString('hex');
    const folder = join(tenantDir, 'log', writer);
    await ensureFolder(fs, folder);
    const claim = await claimFolder(fs, folder, 0);
    if (claim !== undefined) return { writer, folder, claim, n: 0, t: 0, log: undefined, leftover: [] };
  }
}

/** The writers' folders that nobody owns, released ones first. */
export async function freeFolders(fs: Fs, tenantDir: string, now: number): Promise<FreeFolder[]> {
  const released: FreeFolder[] = [];
  const dead: FreeFolder[] = [];
  for (const writer of await listWriters(fs, tenantDir)) {
    const owner = await ownershipOf(fs, join(tenantDir, 'log', writer), now);
    const marker = owner.state === 'released' ? markerIn(owner.marker) : undefined;
    if (marker !== undefined && owner.state === 'released') released.push({ writer, claim: owner.claim, marker });
    else if (owner.state === 'released' || owner.state === 'dead')
      dead.push({ writer, claim: owner.claim, marker: undefined });
  }
  return [...released, ...dead];
}

/**
 * Claims a folder that was found free and puts its log files in order: what was committed is deleted, what was left
 * dirty is recovered. `fold` is called after the claim. Undefined when someone else was faster.
 */
export async function takeFolder(
  fs: Fs,
  tenantDir: string,
  free: FreeFolder,
  fold: () => Promise<StoreState>,
  tell: (problem: LogsError) => void,
): Promise<ClaimedFolder | undefined> {
  const folder = join(tenantDir, 'log', free.writer);
  const claim = await claimFolder(fs, folder, free.claim);
  if (claim === undefined) return undefined;
  try {
    const state = await fold();
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
      if (await dropConsumed(fs, folder, entry, state, scan.frames.at(-1)?.header.seq ?? 0)) continue;
      if (holdsAnything(scan)) leftover.push(entry);
    }
    return { writer: free.writer, folder, claim, n, t, log, leftover };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

/** A file whose frames a commit consumed is only deleted: true then. */
async function dropConsumed(
  fs: Fs,
  folder: string,
  entry: LogFileEntry,
  state: StoreState,
  lastSeq: number,
): Promise<boolean> {
  const consumed = state.consumed.get(logKey(entry));
  if (consumed === undefined) return false;
  const to = Math.max(...consumed.map((range) => range.to));
  if (lastSeq > to + 1) {
    // Sealing ends a file: at most the empty frame of a clean end may stand behind what was consumed.
    throw new LogsError('STORE_DAMAGED', `${entry.path} has frames up to ${lastSeq}, but was sealed up to ${to}`, {
      hint: 'Move the file away to go on; its frames above the number named are in no segment.',
    });
  }
  await removeIfThere(fs, entry.path);
  await fs.syncFolder(folder);
  return true;
}

/** The newest receive time of what a writer has in segments; its log files may be gone. */
function newestSealed(state: StoreState, writer: string): number {
  let newest = 0;
  for (const segment of state.segments.values()) {
    if (segment.ranges.some((range) => range.writer === writer)) newest = Math.max(newest, segment.maxReceived);
  }
  return newest;
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
