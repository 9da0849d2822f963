import { basename, join } from 'node:path';
import { ensureFolder, listIfThere, removeIfThere, TEMPORARY } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import type { Fs } from '../../buffer/fs.ts';
import { parseLogFileName } from '../../buffer/log-file.ts';
import { listWriterLogs } from '../../buffer/log-folder.ts';
import { removeFolderIfThere } from '../../buffer/leftovers.ts';
import { claimFolder } from '../../buffer/owner.ts';
import { QUARANTINE, recoverLog } from '../../buffer/recover.ts';
import { freeFolders, type FreeFolder } from '../../buffer/writer-folder.ts';
import { LogsError } from '../../errors.ts';
import { sourceIn } from './batch-frame.ts';
import { Covered } from './covered.ts';
import { Lane, type LanePlace } from './lane.ts';
import { type LaneFile, newLaneFile, stretchesIn } from './lane-file.ts';
import { DONE, type DoneUpTo, NOTHING_DONE, readDone, readTaken, TAKEN } from './layout.ts';

export interface Adopted {
  readonly lanes: Lane[];
  /** There are others. */
  readonly more: boolean;
}

/**
 * Claims folders whose processes have ended, at most so many, the oldest first, and puts them in order: torn tails are
 * cut off, damage is told, copies of both go to the quarantine. A folder that cannot be had is told and left.
 */
export async function adoptFree(place: LanePlace, most: number, now: number): Promise<Adopted> {
  const { fs, dir, tell } = place;
  await removeDone(fs, dir);
  const lanes: Lane[] = [];
  for (const free of await oldestFirst(fs, dir, await freeFolders(fs, dir, now))) {
    if (lanes.length >= most) return { lanes, more: true };
    try {
      const lane = await adopt(place, free);
      if (lane !== undefined) lanes.push(lane);
    } catch (error) {
      tell(fileFailure(error, join(dir, 'log', free.writer), 'recover'));
    }
  }
  return { lanes, more: false };
}

/** Several may have parts of one source, one after the other. */
async function oldestFirst(fs: Fs, dir: string, free: readonly FreeFolder[]): Promise<readonly FreeFolder[]> {
  const aged: { readonly folder: FreeFolder; readonly born: number }[] = [];
  for (const folder of free)
    aged.push({ folder, born: (await fs.stat(join(dir, 'log', folder.writer)))?.born ?? Number.POSITIVE_INFINITY });
  return aged.sort((a, b) => (a.born < b.born ? -1 : a.born > b.born ? 1 : 0)).map(({ folder }) => folder);
}

/** Undefined where someone else was faster. */
async function adopt(place: LanePlace, { writer, claim: after }: FreeFolder): Promise<Lane | undefined> {
  const { fs, dir, tell } = place;
  const folder = join(dir, 'log', writer);
  const claim = await claimFolder(fs, folder, after);
  if (claim === undefined) return undefined;
  try {
    for (const name of await listIfThere(fs, folder)) {
      // Not finished by whoever was there before.
      if (TEMPORARY.test(name)) await removeIfThere(fs, join(folder, name));
    }
    const done = (await readDone(fs, folder)) ?? (await lost(place, folder, DONE, 'what was done is sent again'));
    const taken = (await readTaken(fs, folder)) ?? (await lost(place, folder, TAKEN, 'files may be shipped again'));
    const found = { files: [] as LaneFile[], events: 0, bytes: 0, oldest: undefined as number | undefined };
    for (const entry of await listWriterLogs(fs, dir, writer)) {
      const scan = await recoverLog(fs, dir, entry, tell);
      const n = parseLogFileName(entry.file)?.n ?? 0;
      if (scan.end === 0) continue;
      const file = { ...newLaneFile(folder, entry.file, n, entry.life), end: scan.end, stretches: stretchesIn(scan) };
      found.files.push(file);
      for (const frame of scan.frames) {
        const { seq, t, len, n: lines, events = lines } = frame.header;
        const source = sourceIn(frame);
        if (source !== undefined) file.covered.add(source);
        if (isDone({ n, seq }, done ?? NOTHING_DONE) || lines === 0) continue;
        found.events += events;
        found.bytes += frame.payload + len - frame.offset;
        found.oldest ??= t;
      }
    }
    return new Lane(place, {
      ...{ writer, folder, claim, ...found },
      done: done ?? NOTHING_DONE,
      taken: taken ?? new Covered(),
    });
  } catch (error) {
    await claim.release();
    throw error;
  }
}

export function isDone(place: DoneUpTo, done: DoneUpTo): boolean {
  return place.n < done.n || (place.n === done.n && place.seq <= done.seq);
}

/** A damaged file goes to the quarantine: without it one goes on as if there had been none. */
async function lost({ fs, dir, tell }: LanePlace, folder: string, name: string, so: string): Promise<undefined> {
  await ensureFolder(fs, join(dir, QUARANTINE));
  const copy = join(dir, QUARANTINE, `${basename(folder)}-${name}`);
  await fs.rename(join(folder, name), copy);
  tell(new LogsError('STORE_DAMAGED', `${join(folder, name)} is damaged: ${so}`, { hint: `it is kept as ${copy}` }));
}

/** Folders that were wholly done when their process was killed. */
async function removeDone(fs: Fs, dir: string): Promise<void> {
  for (const name of await listIfThere(fs, join(dir, 'log'))) {
    if (TEMPORARY.test(name) && name.endsWith('.done')) await removeFolderIfThere(fs, join(dir, 'log', name));
  }
}
