import { canBeMet, type Needs } from '../../../query/needs.ts';
import type { Instants } from '../../../query/times.ts';
import type { TimeRange } from '../../../store/store.ts';
import { mayHoldRun, mayHoldToken } from '../segment/filters.ts';
import type { IndexedGroup } from '../segment/idx.ts';
import type { OpenSegment } from './segment-reader.ts';

/** The row groups of a segment that may hold an event of the range which meets the needs. */
export function groupsOf({ index }: OpenSegment, needs: Needs, range: TimeRange): number[] {
  const kept: number[] = [];
  for (const [at, group] of index.groups.entries()) {
    if (isWithin(group, range) && canBeMet(needs, (need) => mayMeet(group, need))) kept.push(at);
  }
  return kept;
}

function mayMeet(group: IndexedGroup, need: Extract<Needs, { kind: 'word' | 'part' | 'time' }>): boolean {
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
