import type { AggregateTable } from '../table.ts';
import type { Pipe } from './pipe.ts';

/** `limit N`: the first N, and then asks for no more. */
export function limitRecords(n: number): Pipe {
  let left = n;
  return {
    take(records) {
      const kept = records.slice(0, left);
      left -= kept.length;
      return kept;
    },
    get isDone() {
      return left === 0;
    },
  };
}

export function limitTable(n: number, table: AggregateTable): AggregateTable {
  return { ...table, rows: table.rows.slice(0, n) };
}
