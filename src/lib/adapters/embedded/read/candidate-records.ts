import type { LogRecord } from '../../../record/record.ts';
import type { Candidate } from './candidates.ts';
import { eachAtOnce, STATEMENTS } from './each-at-once.ts';
import { groupsWith } from './groups.ts';
import { type ReadPlace, readParts } from './read-parts.ts';
import { recordsOf } from './row-records.ts';
import type { OpenSegment } from './segment-reader.ts';

/** The records of candidates, in their order; those of a segment that cannot be read are left out, and noted as damage. */
export async function candidateRecords(place: ReadPlace, candidates: readonly Candidate[]): Promise<LogRecord[]> {
  const bySegment = new Map<OpenSegment, number[]>();
  for (const { segment, row, record } of candidates) {
    if (record !== undefined) continue;
    const rows = bySegment.get(segment);
    if (rows === undefined) bySegment.set(segment, [row]);
    else rows.push(row);
  }
  const found = new Map<OpenSegment, Map<number, LogRecord>>();
  const readRows = async ([segment, rows]: readonly [OpenSegment, readonly number[]]): Promise<void> => {
    const records = await readParts(place, [{ segment, groups: groupsWith(segment, rows) }], (duck) =>
      recordsOf(duck, segment, rows, place.signal),
    );
    found.set(segment, new Map(records?.map((record, at) => [rows[at] ?? 0, record])));
  };
  await eachAtOnce([...bySegment], STATEMENTS, readRows);
  return candidates.flatMap(({ segment, row, record }) => record ?? found.get(segment)?.get(row) ?? []);
}
