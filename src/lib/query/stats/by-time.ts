import { cellsOf } from '../cells.ts';
import type { Cell } from '../table.ts';
import type { Statistic } from './statistic.ts';

interface Found {
  readonly ts: bigint;
  readonly id: string;
  readonly cell: Cell;
}

/** The field's value in the first or last event that has one, by time and then by id: the same whatever order events come in. */
export function byTime(field: string, which: 'first' | 'last'): Statistic {
  const sign = which === 'first' ? -1 : 1;
  let found: Found | undefined;
  return {
    add: (record) => {
      const [cell] = cellsOf(record, field);
      if (cell === undefined) return;
      const next = { ts: record.ts, id: record.log_id, cell };
      if (found === undefined || compare(next, found) === sign) found = next;
    },
    result: () => found?.cell ?? null,
  };
}

function compare(a: Found, b: Found): -1 | 0 | 1 {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
  return compareIds(a.id, b.id);
}

/** Ids of a store have one length. Those of lines of a file, `app.log:12`, count: behind the ninth comes the tenth. */
function compareIds(a: string, b: string): -1 | 0 | 1 {
  const number = a.lastIndexOf(':') + 1;
  if (a.length !== b.length && number > 0 && b.startsWith(a.slice(0, number)) && b.lastIndexOf(':') + 1 === number)
    return a.length < b.length ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
