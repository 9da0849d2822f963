import { eachNumber } from './numbers.ts';
import type { Statistic } from './statistic.ts';

/** `max(f)`: the largest number in the field; null where there are none. */
export function max(field: string): Statistic {
  let best: number | null = null;
  return {
    add: (record) =>
      eachNumber(record, field, (value) => {
        if (best === null || value > best) best = value;
      }),
    result: () => best,
  };
}
