import { eachNumber, Sum } from './numbers.ts';
import type { Statistic } from './statistic.ts';

/** `avg(f)`: the mean of the numbers in the field; null where there are none. */
export function avg(field: string): Statistic {
  const numbers = new Sum();
  return {
    add: (record, times) => eachNumber(record, field, (value) => numbers.add(value, times)),
    result: () => (numbers.count === 0 ? null : numbers.total / numbers.count),
  };
}
