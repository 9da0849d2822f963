import type { Statistic } from './statistic.ts';

/** `count()`: events. */
export function count(): Statistic {
  let events = 0;
  return {
    add: () => {
      events++;
    },
    addCounted: (more) => {
      events += more;
    },
    result: () => events,
  };
}
