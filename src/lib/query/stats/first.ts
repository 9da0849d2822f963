import { byTime } from './by-time.ts';
import type { Statistic } from './statistic.ts';

/** `first(f)`: the field's value in the first event that has one. */
export function first(field: string): Statistic {
  return byTime(field, 'first');
}
