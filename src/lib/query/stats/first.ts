import { cellsOf } from '../cells.ts';
import type { Cell } from '../table.ts';
import type { Statistic } from './statistic.ts';

/** `first(f)`: the field's value in the first event that has one, by time and then by id: the same whatever order events come in. */
export function first(field: string): Statistic {
  let found: { ts: bigint; id: string; cell: Cell } | undefined;
  return {
    add: (record) => {
      const [cell] = cellsOf(record, field);
      if (cell === undefined) return;
      const { ts, log_id: id } = record;
      if (found === undefined || ts < found.ts || (ts === found.ts && id < found.id)) found = { ts, id, cell };
    },
    result: () => found?.cell ?? null,
  };
}
