import { eachNumber } from './numbers.ts';
import type { Statistic } from './statistic.ts';

/** `min(f)`: the least number in the field; null where there are none. */
export function min(field: string): Statistic {
  let best: number | null = null;
  return {
    add: (record) =>
      eachNumber(record, field, (value) => {
        if (best === null || value < best) best = value;
      }),
    result: () => best,
  };
}
