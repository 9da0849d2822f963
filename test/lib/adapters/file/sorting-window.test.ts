import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortingWindow, weightOf } from '../../../../src/lib/adapters/file/sorting-window.ts';
import { parseEvent } from '../../../../src/lib/parse/parse-event.ts';

const at = (second: number) => ({ ...parseEvent(Buffer.from('x'), {}, 0n, 'x'), ts: BigInt(second) });

it('gives every record once, in order of time, where the source fits into the window', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 60 }), (seconds) => {
      const window = new SortingWindow(1 << 20);
      const out = seconds.flatMap((second, place) => window.add(at(second), place)).concat(window.end());
      expect(out.map(({ ts }) => Number(ts))).toEqual([...seconds].sort((a, b) => a - b));
    }),
  );
});

it('holds no more than its limit, and loses nothing', () => {
  const window = new SortingWindow(weightOf(at(0)) * 10);
  const out = Array.from({ length: 100 }, (_, n) => window.add(at(n), n)).flat();
  expect(out.length).toBeGreaterThanOrEqual(90);
  expect([...out, ...window.end()].map(({ ts }) => Number(ts))).toEqual(Array.from({ length: 100 }, (_, n) => n));
});
