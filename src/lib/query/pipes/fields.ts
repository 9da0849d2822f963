import type { AggregateTable } from '../table.ts';
import { columnPlace } from './sort.ts';

/** `fields f, …` after statistics: these columns, in this order. Before them it chooses what is printed (`splitStages`). */
export function fieldsTable(fields: readonly string[], table: AggregateTable): AggregateTable {
  const places = fields.map((field) => columnPlace(table, field));
  return { columns: fields, rows: table.rows.map((row) => places.map((place) => row[place] ?? null)) };
}
