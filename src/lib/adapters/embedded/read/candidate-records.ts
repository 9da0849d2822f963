import type { LogRecord } from '../../../record/record.ts';
import type { Candidate } from './candidates.ts';
import { eachAtOnce, STATEMENTS } from './each-at-once.ts';
import type { ReadPlace } from './read-parts.ts';
import { readRows } from './read-rows.ts';
import type { OpenSegment } from './segment-reader.ts';

/** The records of candidates, in their order; those of row groups that cannot be read are left out, and noted as damage. */
export async function candidateRecords(place: ReadPlace, candidates: readonly Candidate[]): Promise<LogRecord[]> {
  const bySegment = new Map<OpenSegment, number[]>();
  for (const { segment, row, record } of candidates) {
    if (record !== undefined) continue;
    const rows = bySegment.get(segment);
    if (rows === undefined) bySegment.set(segment, [row]);
    else rows.push(row);
  }
  const found = new Map<OpenSegment, ReadonlyMap<number, LogRecord>>();
  await eachAtOnce([...bySegment], STATEMENTS, async ([segment, rows]) => {
    found.set(segment, await readRows(place, segment, rows));
  });
  return candidates.flatMap(({ segment, row, record }) => record ?? found.get(segment)?.get(row) ?? []);
}
