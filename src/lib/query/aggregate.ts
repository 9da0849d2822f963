import { LogsError } from '../errors.ts';
import type { LogRecord } from '../record/record.ts';
import type { GroupKey, QueryClock, StatFunction } from './ast.ts';
import { columnOfFunction, columnOfKey } from './columns.ts';
import { compileKey } from './group-key.ts';
import { KeptValues } from './kept-values.ts';
import { avg } from './stats/avg.ts';
import { count } from './stats/count.ts';
import { distinct } from './stats/distinct.ts';
import { first } from './stats/first.ts';
import { last } from './stats/last.ts';
import { max } from './stats/max.ts';
import { min } from './stats/min.ts';
import { percentile } from './stats/percentile.ts';
import { rate } from './stats/rate.ts';
import type { Statistic } from './stats/statistic.ts';
import { sum } from './stats/sum.ts';
import { type AggregateTable, type Cell, cellKey, compareCells } from './table.ts';

export type { AggregateTable, Cell } from './table.ts';

export interface AggregateRequest {
  readonly functions: readonly StatFunction[];
  readonly by: readonly GroupKey[];
  readonly clock: QueryClock;
  /** What `rate()` is per second of; where it is open, from the first event seen (to now, if only the end is open). */
  readonly range: { readonly from?: bigint; readonly to?: bigint };
}

export interface Aggregator {
  /**
   * Takes an event, or so many that are alike in all that the keys and statistics read. Alike in time is not asked of
   * them: for `first()`, `last()` and a `rate()` of no given length each must come by itself.
   */
  add(record: LogRecord, times?: number): void;
  /**
   * Events counted elsewhere, one key for each of `by` as the table shows it (`every`: the aligned start).
   * For `count()`, and for `rate()` where the range or an `every` says how long it is.
   * @throws LogsError INTERNAL for statistics that need the events
   */
  addCounted(keys: readonly Cell[], events: number): void;
  /** The results so far. Without group keys one row, also for no event; else a row for each group that has events. */
  table(): AggregateTable;
}

interface Group {
  readonly keys: readonly Cell[];
  readonly statistics: readonly Statistic[];
}

/**
 * Statistics over events, a group for each combination of keys. The order of events does not matter.
 * @throws LogsError QUERY_UNSUPPORTED from `add` for more groups than memory should hold
 */
export function createAggregator(request: AggregateRequest): Aggregator {
  const { functions, by, clock, range } = request;
  const readers = by.map((key) => compileKey(key, clock));
  const groups = new Map<string, Group>();
  const kept = new KeptValues();
  let earliest: bigint | undefined;
  let latest: bigint | undefined;

  const groupOf = (keys: readonly Cell[]): Group => {
    const name = keys.map(cellKey).join();
    let group = groups.get(name);
    if (group === undefined) {
      kept.add(name, groups.size + 1, 'the statistics have', 'groups');
      group = { keys, statistics: functions.map((each) => createStatistic(each, kept)) };
      groups.set(name, group);
    }
    return group;
  };
  if (by.length === 0) groupOf([]);

  const seconds = (): number | undefined => {
    const every = by.find((key) => key.kind === 'every');
    if (every !== undefined) return Number(every.interval) / 1e9;
    const from = range.from ?? earliest;
    const to = range.to ?? (range.from === undefined ? latest : clock.now);
    return from === undefined || to === undefined ? undefined : Number(to - from) / 1e9;
  };

  return {
    add(record, times = 1) {
      if (earliest === undefined || record.ts < earliest) earliest = record.ts;
      if (latest === undefined || record.ts > latest) latest = record.ts;
      for (const keys of combinations(readers.map((read) => read(record)))) {
        for (const statistic of groupOf(keys).statistics) statistic.add(record, times);
      }
    },
    addCounted(keys, events) {
      for (const statistic of groupOf(keys).statistics) {
        if (statistic.addCounted === undefined)
          throw new LogsError('INTERNAL', 'a statistic that needs the events was given their number');
        statistic.addCounted(events);
      }
    },
    table() {
      const length = seconds();
      const sorted = [...groups.values()].sort((a, b) => compareKeys(a.keys, b.keys));
      return {
        columns: [...by.map(columnOfKey), ...functions.map(columnOfFunction)],
        rows: sorted.map(({ keys, statistics }) => [
          ...keys,
          ...statistics.map((statistic) => statistic.result(length)),
        ]),
      };
    },
  };
}

function createStatistic(statistic: StatFunction, kept: KeptValues): Statistic {
  switch (statistic.kind) {
    case 'count':
      return count();
    case 'rate':
      return rate();
    case 'sum':
      return sum(statistic.field);
    case 'avg':
      return avg(statistic.field);
    case 'min':
      return min(statistic.field);
    case 'max':
      return max(statistic.field);
    case 'distinct':
      return distinct(statistic.field, kept);
    case 'first':
      return first(statistic.field);
    case 'last':
      return last(statistic.field);
    case 'percentile':
      return percentile(statistic.p, statistic.field);
  }
}

function combinations(parts: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  let rows: readonly (readonly Cell[])[] = [[]];
  for (const cells of parts) rows = rows.flatMap((row) => cells.map((cell) => [...row, cell]));
  return rows;
}

function compareKeys(a: readonly Cell[], b: readonly Cell[]): number {
  for (const [index, cell] of a.entries()) {
    const order = compareCells(cell, b[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}
