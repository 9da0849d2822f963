import { eachNumber, Sum } from './numbers.ts';
import type { Statistic } from './statistic.ts';

/** `sum(f)`: null where no event has a number in the field. */
export function sum(field: string): Statistic {
  const numbers = new Sum();
  return {
    add: (record, times) => eachNumber(record, field, (value) => numbers.add(value, times)),
    result: () => (numbers.count === 0 ? null : numbers.total),
  };
}
