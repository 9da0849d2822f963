import { canBeMet, type Needs } from '../../../query/needs.ts';
import type { Instants } from '../../../query/times.ts';
import type { ReadReport, TimeRange } from '../../../store/store.ts';
import { mayHoldRun, mayHoldToken } from '../segment/filters.ts';
import type { IndexedGroup } from '../segment/idx.ts';
import { hasWithin, type HourlyMost } from './counted.ts';
import { type GroupRows, rangesOf } from './rows-sql.ts';
import type { OpenSegment } from './segment-reader.ts';

/**
 * The row groups of a segment that may hold an event of the range which meets the needs. `most`: how many events can
 * match at all, where that is known.
 */
export function groupsOf(
  { index }: OpenSegment,
  needs: Needs,
  range: TimeRange,
  most: HourlyMost | undefined,
): number[] {
  const kept: number[] = [];
  for (const [at, group] of index.groups.entries()) {
    if (!isWithin(group, range) || (most !== undefined && !hasWithin(most, group.minTs, group.maxTs))) continue;
    if (canBeMet(needs, (need) => mayMeet(group, need))) kept.push(at);
  }
  return kept;
}

/** The number of rows that are in none of the groups kept. */
export function rowsWithout({ index }: OpenSegment, kept: readonly number[]): number {
  return kept.reduce((sum, group) => sum - (index.groups[group]?.rows ?? 0), index.rows);
}

export function notePassed(report: ReadReport, events: number): void {
  report.passed = (report.passed ?? 0) + events;
}

/** Whether a group may hold an event that meets a need. */
export function mayMeet(group: IndexedGroup, need: Extract<Needs, { kind: 'word' | 'part' | 'time' }>): boolean {
  switch (need.kind) {
    case 'word':
      return group.open || (mayHoldToken(group.filters, need.text) && mayHoldRun(group.filters, need.text));
    case 'part':
      return group.open || mayHoldRun(group.filters, need.text);
    case 'time':
      return need.instants.some((instants) => isWithin(group, instants));
  }
}

function isWithin({ minTs, maxTs }: IndexedGroup, { from, to }: TimeRange | Instants): boolean {
  return (from === undefined || maxTs >= from) && (to === undefined || minTs < to);
}

/** The row groups that hold some rows. */
export function groupsWith({ starts }: OpenSegment, rows: readonly number[]): number[] {
  const groups = new Set<number>();
  for (const row of rows) groups.add(starts.findLastIndex((start, at) => start <= row && at < starts.length - 1));
  return [...groups].sort((a, b) => a - b);
}

/** Those of some rows of a segment that are in a part of it. */
export function rowsWithin(part: GroupRows, rows: readonly number[]): number[] {
  const ranges = rangesOf(part);
  return rows.filter((row) => ranges.some(([from, to]) => from <= row && row <= to));
}
