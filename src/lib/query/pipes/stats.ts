import { createAggregator } from '../aggregate.ts';
import type { GroupKey, QueryClock, StatFunction } from '../ast.ts';
import { recordOfRow } from '../row-record.ts';
import type { AggregateTable } from '../table.ts';

/** What an aggregating stage computes, in the shape of a store's plan. */
export interface Statistics {
  readonly functions: readonly StatFunction[];
  readonly by: readonly GroupKey[];
}

/** `stats` after statistics: over the rows, the columns being their fields. */
export function statsTable(statistics: Statistics, table: AggregateTable, clock: QueryClock): AggregateTable {
  const aggregator = createAggregator({ ...statistics, clock, range: {} });
  for (const row of table.rows) aggregator.add(recordOfRow(table.columns, row));
  return aggregator.table();
}
