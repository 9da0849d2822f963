import { createAggregator } from '../query/aggregate.ts';
import type { Query, QueryClock } from '../query/ast.ts';
import { runRecordStages, runTableStages, type SplitQuery, splitStages } from '../query/stages.ts';
import type { AggregatePlan, AggregateTable, LogStore, ReadReport, TimeRange } from '../store/store.ts';
import { newTally, search, type SearchTally } from './search.ts';

export interface AggregateOptions {
  readonly query: Query;
  readonly clock: QueryClock;
  readonly range: TimeRange;
}

export interface Aggregated {
  readonly table: AggregateTable;
  /** Some event matched. The table does not always say so: a sum of nothing but zeros is 0 too. */
  readonly matched: boolean;
}

const COUNT = { kind: 'count' } as const;

/**
 * The table that a query with `stats` or `top` gives. The store computes it, unless stages before the statistics
 * choose among records in their order.
 */
export async function aggregate(
  store: LogStore,
  options: AggregateOptions,
  report: ReadReport,
  signal: AbortSignal,
): Promise<Aggregated> {
  const { clock, range } = options;
  const { filter, records: stages, statistics, table: after } = splitStages(options.query);
  const { functions, by } = statistics ?? { functions: [COUNT], by: [] };
  // Without groups there is one row whatever matched: a count behind the rest tells.
  const whole = by.length === 0;
  const plan = { filter, range, clock, functions: whole ? [...functions, COUNT] : functions, by };
  const { columns, rows } =
    stages.length === 0
      ? await store.aggregate(plan, report, signal)
      : await aggregateStaged(store, stages, plan, report, signal);
  if (!whole) return { table: runTableStages(after, { columns, rows }, clock), matched: rows.length > 0 };
  const table = { columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) };
  return { table: runTableStages(after, table, clock), matched: Number(rows[0]?.at(-1) ?? 0) > 0 };
}

async function aggregateStaged(
  store: LogStore,
  stages: SplitQuery['records'],
  plan: AggregatePlan,
  report: ReadReport,
  signal: AbortSignal,
): Promise<AggregateTable> {
  const { filter, range, clock } = plan;
  const aggregator = createAggregator(plan);
  const found = store.search({ filter, range, clock, order: 'newest' }, report, signal);
  for await (const batch of runRecordStages(stages, found, clock)) for (const record of batch) aggregator.add(record);
  return aggregator.table();
}

/** How many records a query without statistics gives. */
export async function count(
  store: LogStore,
  options: AggregateOptions,
  report: ReadReport,
  signal: AbortSignal,
): Promise<number> {
  const { filter, records: stages } = splitStages(options.query);
  if (stages.length === 0) {
    const plan = {
      filter,
      range: options.range,
      clock: options.clock,
      functions: [COUNT],
      by: [],
    };
    const table = await store.aggregate(plan, report, signal);
    return Number(table.rows[0]?.[0] ?? 0);
  }
  const tally: SearchTally = { ...newTally(), report };
  for await (const _ of search(store, { ...options, newestFirst: true }, tally, signal));
  return tally.matched;
}
