import { DAY_NS, formatTime } from '../../../record/time.ts';
import { heldTime } from '../document/times.ts';

/** The index of a time: `BASE-YYYY.MM.DD` by its day in UTC. Events of a day come together, so the last one is kept. */
export function indexOfDay(base: string): (ts: bigint) => string {
  let from = 1n;
  let to = 0n;
  let name = '';
  return (ts) => {
    const at = heldTime(ts);
    if (at < from || at >= to) {
      from = at - (at % DAY_NS);
      to = from + DAY_NS;
      name = `${base}-${formatTime(at).slice(0, 10).replaceAll('-', '.')}`;
    }
    return name;
  };
}
