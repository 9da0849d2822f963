import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { ReadReport } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { GroupRows } from './rows-sql.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { checkGroups, forgetChecks } from './segment-reader.ts';

/** Where segments are read from, and where their damage is told. */
export interface ReadPlace {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly duck: () => Promise<Duck>;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
}

/** Begins to open DuckDB, half of which is done by another thread, while what it will be asked is still being found out. */
export function openAhead(place: ReadPlace): void {
  // Why it fails is told to whoever asks it something.
  place.duck().catch(() => undefined);
}

/**
 * Reads row groups by one statement once their bytes are known to be those that were committed; segments that are
 * damaged are told and left out. `read` may be called again with fewer after it failed. Undefined where none is left.
 */
export async function readParts<Part extends GroupRows, T>(
  place: ReadPlace,
  parts: readonly Part[],
  read: (duck: Duck, parts: readonly Part[]) => Promise<T>,
): Promise<T | undefined> {
  let left = await wholeParts(place, parts);
  while (left.length > 0) {
    try {
      return await read(await place.duck(), left);
    } catch (error) {
      place.signal.throwIfAborted();
      if (error instanceof LogsError && error.code !== 'STORE_DAMAGED') throw error;
      // DuckDB checks nothing itself: what it stumbles over has changed since it was looked at.
      for (const { segment } of left) forgetChecks(segment.path);
      const still = await wholeParts(place, left);
      if (still.length === left.length) {
        for (const { segment } of left) await damageOf(error, place.fs, place.tenantDir, segment.entry);
        throw error;
      }
      left = still;
    }
  }
  return undefined;
}

async function wholeParts<Part extends GroupRows>(place: ReadPlace, parts: readonly Part[]): Promise<Part[]> {
  const whole: Part[] = [];
  for (const part of parts) {
    try {
      await checkGroups(place.fs, part.segment, part.groups);
      whole.push(part);
    } catch (error) {
      noteDamage(place.report, await damageOf(error, place.fs, place.tenantDir, part.segment.entry));
    }
  }
  return whole;
}
