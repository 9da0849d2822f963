import { byTime } from './by-time.ts';
import type { Statistic } from './statistic.ts';

/** `last(f)`: the field's value in the last event that has one. */
export function last(field: string): Statistic {
  return byTime(field, 'last');
}
