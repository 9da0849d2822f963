import type { Statistic } from './statistic.ts';

/** `count()`: events. */
export function count(): Statistic {
  let events = 0;
  return {
    add: (_, times) => {
      events += times;
    },
    addCounted: (more) => {
      events += more;
    },
    result: () => events,
  };
}
