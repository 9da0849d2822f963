import { cellsOf } from '../cells.ts';
import { KeptValues } from '../kept-values.ts';
import { type AggregateTable, cellKey } from '../table.ts';
import type { Pipe } from './pipe.ts';
import { columnPlace } from './sort.ts';

/** `dedup f, …`: the first of those with the same values; those without the field are one more such value. */
export function dedupRecords(fields: readonly string[]): Pipe {
  const isNew = firstSight();
  return {
    take: (records) =>
      records.filter((record) => isNew(fields.map((field) => cellsOf(record, field).map(cellKey).join()).join(';'))),
  };
}

export function dedupTable(fields: readonly string[], table: AggregateTable): AggregateTable {
  const places = fields.map((field) => columnPlace(table, field));
  const isNew = firstSight();
  return {
    ...table,
    rows: table.rows.filter((row) => isNew(places.map((place) => cellKey(row[place] ?? null)).join())),
  };
}

function firstSight(): (key: string) => boolean {
  const seen = new Set<string>();
  const kept = new KeptValues();
  return (key) => {
    if (seen.has(key)) return false;
    seen.add(key);
    kept.add(key, seen.size, 'dedup would have to remember', 'values');
    return true;
  };
}
