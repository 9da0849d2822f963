import type { LogRecord } from '../../../record/record.ts';
import { groupsWith, rowsWithin } from './groups.ts';
import { type ReadPlace, readParts } from './read-parts.ts';
import { recordsOf } from './row-records.ts';
import type { OpenSegment } from './segment-reader.ts';

/** The records of some rows of a segment, by row; those of damaged row groups are told and left out. */
export async function readRows(
  place: ReadPlace,
  segment: OpenSegment,
  rows: readonly number[],
): Promise<ReadonlyMap<number, LogRecord>> {
  const found = new Map<number, LogRecord>();
  const parts = [{ segment, groups: groupsWith(segment, rows) }];
  const pieces = readParts(place, parts, async (duck, some) => {
    const records: (readonly [row: number, record: LogRecord])[] = [];
    for (const part of some) records.push(...(await recordsOf(duck, part, rowsWithin(part, rows), place.signal)));
    return records;
  });
  for await (const records of pieces) for (const [row, record] of records) found.set(row, record);
  return found;
}
