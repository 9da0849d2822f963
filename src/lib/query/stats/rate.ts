import { count } from './count.ts';
import type { Statistic } from './statistic.ts';

/** `rate()`: events per second of the range asked for, or of a bucket of time. Null where that has no length. */
export function rate(): Statistic {
  const events = count();
  return {
    ...events,
    result: (seconds) => (seconds === undefined || seconds <= 0 ? null : Number(events.result(seconds)) / seconds),
  };
}
