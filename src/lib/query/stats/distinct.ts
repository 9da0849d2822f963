import { cellsOf } from '../cells.ts';
import type { KeptValues } from '../kept-values.ts';
import { cellKey } from '../table.ts';
import type { Statistic } from './statistic.ts';

/** `distinct(f)`: how many different values the field has, exactly, so each is kept once. */
export function distinct(field: string, kept: KeptValues): Statistic {
  const seen = new Set<string>();
  return {
    add: (record) => {
      for (const key of cellsOf(record, field).map(cellKey)) {
        if (seen.has(key)) continue;
        seen.add(key);
        kept.add(key, seen.size, `distinct(${field}) has`, 'values');
      }
    },
    result: () => seen.size,
  };
}
