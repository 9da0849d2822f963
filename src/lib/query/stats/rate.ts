import type { Statistic } from './statistic.ts';

/** `rate()`: events per second of the range asked for, or of a bucket of time. Null where that has no length. */
export function rate(): Statistic {
  let events = 0;
  return {
    add: () => {
      events++;
    },
    addCounted: (more) => {
      events += more;
    },
    result: (seconds) => (seconds === undefined || seconds <= 0 ? null : events / seconds),
  };
}
