import type { Filter, QueryClock } from '../../../query/ast.ts';
import { compilePredicate, type Predicate } from '../../../query/predicate.ts';
import { LEVELS, type Level } from '../../../record/level.ts';
import type { LogRecord } from '../../../record/record.ts';
import { HOUR_NS } from '../../../record/time.ts';
import type { HourCount, SegmentEntry } from '../layout.ts';
import { recordOf } from './likeness.ts';

/** Events of a segment by hour since 1970: at most so many can match. An hour that is not there has none. */
export type HourlyMost = ReadonlyMap<number, number>;

/** What the counts that commits have by service, level and hour say of a filter before anything is read. */
export class CountedMatches {
  readonly #matches: Predicate | undefined;

  constructor(filter: Filter, clock: QueryClock) {
    const counted = countedPart(filter, false);
    this.#matches = counted.kind === 'all' ? undefined : compilePredicate(counted, clock);
  }

  /** Undefined where the counts do not tell: the segment has none, or the filter asks for neither service nor level. */
  of({ counts }: SegmentEntry): HourlyMost | undefined {
    const matches = this.#matches;
    if (matches === undefined || counts === undefined) return undefined;
    const most = new Map<number, number>();
    for (const count of counts) {
      const [, , hour, events] = count;
      if (matches(countedRecord(count))) most.set(hour, (most.get(hour) ?? 0) + events);
    }
    return most;
  }
}

/** Whether some events between two times, both included, can match. */
export function hasWithin(most: HourlyMost, minTs: bigint, maxTs: bigint): boolean {
  const [first, last] = [Number(minTs / HOUR_NS), Number(maxTs / HOUR_NS)];
  for (const hour of most.keys()) if (hour >= first && hour <= last) return true;
  return false;
}

/** A record that stands for the events of a count. */
export function countedRecord([service, level, hour]: HourCount): LogRecord {
  return recordOf({
    ts: BigInt(hour) * HOUR_NS,
    level: Object.hasOwn(LEVELS, level) ? (level as Level) : 'UNKNOWN',
    ...(service === null ? {} : { service }),
    fields: {},
  });
}

/** Whether a filter looks at nothing but service and level. */
export function asksCounted(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'and':
    case 'or':
      return filter.filters.every(asksCounted);
    case 'not':
      return asksCounted(filter.filter);
    default:
      return isCounted(filter.field);
  }
}

export function isCounted(field: string | undefined): boolean {
  return field === 'service' || field === 'level';
}

const ALL: Filter = { kind: 'all' };
const NOTHING: Filter = { kind: 'not', filter: ALL };

/** What a filter wants of service and level: all that it matches matches this too, and all that this denies it denies. */
function countedPart(filter: Filter, denied: boolean): Filter {
  switch (filter.kind) {
    case 'all':
      return filter;
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => countedPart(part, denied));
      const isAll = ({ kind }: Filter): boolean => kind === 'all';
      return (filter.kind === 'and' ? parts.every(isAll) : parts.some(isAll)) ? ALL : { ...filter, filters: parts };
    }
    case 'not': {
      const part = countedPart(filter.filter, !denied);
      return part === NOTHING ? ALL : { kind: 'not', filter: part };
    }
    default:
      if (isCounted(filter.field)) return filter;
      return denied ? NOTHING : ALL;
  }
}
