import { createAggregator } from '../query/aggregate.ts';
import type { Query, QueryClock } from '../query/ast.ts';
import { runRecordStages, runTableStages, splitStages } from '../query/stages.ts';
import type { AggregateTable, LogStore, ReadReport, TimeRange } from '../store/store.ts';
import { newTally, search, type SearchTally } from './search.ts';

export interface AggregateOptions {
  readonly query: Query;
  readonly clock: QueryClock;
  readonly range: TimeRange;
}

/**
 * The table that a query with `stats` or `top` gives. The store computes it, unless stages before the statistics
 * choose among records in their order.
 */
export async function aggregate(
  store: LogStore,
  options: AggregateOptions,
  report: ReadReport,
  signal: AbortSignal,
): Promise<AggregateTable> {
  const { clock, range } = options;
  const { filter, records: stages, statistics, table: after } = splitStages(options.query);
  const { functions, by } = statistics ?? { functions: [{ kind: 'count' } as const], by: [] };
  if (stages.length === 0) {
    return runTableStages(after, await store.aggregate({ filter, range, clock, functions, by }, report, signal), clock);
  }
  const aggregator = createAggregator({ functions, by, clock, range });
  const found = store.search({ filter, range, clock, order: 'newest' }, report, signal);
  for await (const batch of runRecordStages(stages, found, clock)) for (const record of batch) aggregator.add(record);
  return runTableStages(after, aggregator.table(), clock);
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
      functions: [{ kind: 'count' } as const],
      by: [],
    };
    const table = await store.aggregate(plan, report, signal);
    return Number(table.rows[0]?.[0] ?? 0);
  }
  const tally: SearchTally = { ...newTally(), report };
  for await (const _ of search(store, { ...options, newestFirst: true }, tally, signal));
  return tally.matched;
}
