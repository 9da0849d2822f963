import { expect, it } from 'vitest';
import { Covered } from '../../../../src/lib/adapters/queue/covered.ts';

it('says how far a source is covered without a gap, whatever the order', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let run = 0; run < 300; run += 1) {
    const covered = new Covered();
    const bytes = new Set<number>();
    for (let at = random(12); at > 0; at -= 1) {
      const from = random(20);
      const to = from + 1 + random(5);
      covered.add({ id: 's', from, to, hash: `h${to}` });
      for (let byte = from; byte < to; byte += 1) bytes.add(byte);
    }
    let position = 0;
    while (bytes.has(position)) position += 1;
    const again = new Covered();
    again.addAll([...covered.ranges()].reverse());
    for (const one of [covered, again]) {
      const mark = one.marks().get('s');
      if (bytes.size === 0) expect(mark).toBeUndefined();
      else expect(mark).toEqual({ id: 's', position, ...(position === 0 ? {} : { hash: `h${position}` }) });
    }
  }
});

it('takes the highest offset of a topic for its position: there may be nothing before it', () => {
  const covered = new Covered();
  covered.add({ id: 'kafka:c/t/0', from: 500, to: 510 });
  covered.add({ id: 'kafka:c/t/0', from: 520, to: 530 });
  expect(covered.marks().get('kafka:c/t/0')).toEqual({ id: 'kafka:c/t/0', position: 530 });
});
