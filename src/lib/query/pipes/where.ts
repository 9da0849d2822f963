import type { Filter, QueryClock } from '../ast.ts';
import { compilePredicate } from '../predicate.ts';
import { recordOfRow } from '../row-record.ts';
import type { AggregateTable } from '../table.ts';
import type { Pipe } from './pipe.ts';

/** `where filter`: keeps what matches. */
export function whereRecords(filter: Filter, clock: QueryClock): Pipe {
  const matches = compilePredicate(filter, clock);
  return { take: (records) => records.filter(matches) };
}

/** `where` after statistics: a row is matched as an event with the columns for fields (`where count>100`). */
export function whereTable(filter: Filter, table: AggregateTable, clock: QueryClock): AggregateTable {
  const matches = compilePredicate(filter, clock);
  return { ...table, rows: table.rows.filter((row) => matches(recordOfRow(table.columns, row))) };
}
