import type { LogRecord } from '../../../record/record.ts';
import { groupsWith, rowsWithin } from './groups.ts';
import { type ReadPlace, readParts } from './read-parts.ts';
import { recordsOf } from './row-records.ts';
import type { OpenSegment } from './segment-reader.ts';

/** The records of some rows of a segment, by row, in their order; those of damaged row groups are told and left out. */
export async function readRows(
  place: ReadPlace,
  segment: OpenSegment,
  rows: readonly number[],
): Promise<ReadonlyMap<number, LogRecord>> {
  const groups = groupsWith(segment, rows);
  const found = await readParts(place, [{ segment, groups }], async (duck, [whole]) => {
    const left = whole === undefined || whole.groups.length === groups.length ? rows : rowsWithin(whole, rows);
    const records = await recordsOf(duck, segment, left, place.signal);
    return new Map(records.map((record, at) => [left[at] ?? 0, record]));
  });
  return found ?? new Map();
}
