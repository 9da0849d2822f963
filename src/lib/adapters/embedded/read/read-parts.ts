import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { ReadReport } from '../../../store/store.ts';
import { type Duck, isOutOfMemory } from '../segment/duckdb.ts';
import { eachAtOnce } from './each-at-once.ts';
import { lessAtOnce, type MemoryPlace } from './less-at-once.ts';
import { inTurn } from './memory-turns.ts';
import { adjoining, type GroupRows } from './rows-sql.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { checkGroups, forgetChecks } from './segment-reader.ts';

/** Files read at once, to be checked: there may be a whole one of each in memory. */
const FILES = 4;

/** Where segments are read from, and where their damage is told. */
export interface ReadPlace extends MemoryPlace {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly report: ReadReport;
}

/** Begins to open DuckDB, half of which is done by another thread, while what it will be asked is still being found out. */
export function openAhead(place: ReadPlace): void {
  // Why it fails is told to whoever asks it something.
  place.duck().catch(() => undefined);
}

/**
 * Reads row groups by one statement once their bytes are known to be those that were committed; groups that are damaged,
 * and segments of which none can be read, are told and left out. `read` is given parts of the same groups or of fewer,
 * several of a segment where groups between them are damaged, and may be called again after it failed.
 * What it finds comes in one piece, in several where all at once needs too much memory, and in none where nothing is left.
 */
export async function* readParts<T>(
  place: ReadPlace,
  parts: readonly GroupRows[],
  read: (duck: Duck, parts: readonly GroupRows[]) => Promise<T>,
): AsyncGenerator<T> {
  for await (const found of lessAtOnce(place, parts, (some, alone) => readWhole(place, some, alone, read)))
    if (found !== undefined) yield found;
}

async function readWhole<T>(
  place: ReadPlace,
  parts: readonly GroupRows[],
  alone: boolean,
  read: (duck: Duck, parts: readonly GroupRows[]) => Promise<T>,
): Promise<T | undefined> {
  let left = await wholeParts(place, parts);
  while (left.length > 0) {
    try {
      const [duck, some] = [await place.duck(), left];
      return await inTurn(duck, alone, () => read(duck, some));
    } catch (error) {
      place.signal.throwIfAborted();
      if (error instanceof LogsError && error.code !== 'STORE_DAMAGED') throw error;
      // Damage can ask for any amount of memory: but once it is known that there is none, that is enough.
      if (alone && isOutOfMemory(error)) throw error;
      // DuckDB checks nothing itself: what it stumbles over has changed since it was looked at, or is between the groups.
      for (const { segment } of left) forgetChecks(segment.path);
      const still = (await wholeParts(place, left)).flatMap(adjoining);
      if (still.length === left.length && groupsIn(still) === groupsIn(left)) {
        for (const { segment } of left) await damageOf(error, place.fs, place.tenantDir, segment.entry);
        throw error;
      }
      left = still;
    }
  }
  return undefined;
}

async function wholeParts(place: ReadPlace, parts: readonly GroupRows[]): Promise<GroupRows[]> {
  const { fs, tenantDir, report } = place;
  const left = parts.map((): readonly GroupRows[] => []);
  await eachAtOnce([...parts.entries()], FILES, async ([at, part]) => {
    const { segment, groups } = part;
    try {
      const { whole, damage } = await checkGroups(fs, segment, groups);
      for (const each of damage) noteDamage(report, each);
      left[at] = damage.length === 0 ? [part] : adjoining({ ...part, groups: whole });
    } catch (error) {
      noteDamage(report, await damageOf(error, fs, tenantDir, segment.entry));
    }
  });
  return left.flat();
}

function groupsIn(parts: readonly GroupRows[]): number {
  return parts.reduce((sum, { groups }) => sum + groups.length, 0);
}
