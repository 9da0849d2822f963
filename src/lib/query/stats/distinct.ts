import { LogsError } from '../../errors.ts';
import { cellsOf } from '../cells.ts';
import { QUERY_LIMITS } from '../limits.ts';
import { cellKey } from '../table.ts';
import type { Statistic } from './statistic.ts';

/** `distinct(f)`: how many different values the field has, exactly, so each is kept once. */
export function distinct(field: string): Statistic {
  const seen = new Set<string>();
  return {
    add: (record) => {
      for (const cell of cellsOf(record, field)) seen.add(cellKey(cell));
      if (seen.size > QUERY_LIMITS.groups) {
        throw new LogsError('QUERY_UNSUPPORTED', `distinct(${field}) has more than ${QUERY_LIMITS.groups} values`, {
          hint: 'narrow the time or the filter',
        });
      }
    },
    result: () => seen.size,
  };
}
