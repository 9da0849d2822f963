import { expect, it } from 'vitest';
import { packIds, unpackIds } from '../../../src/lib/buffer/frame-ids.ts';
import { formatLogId, logIdsOf } from '../../../src/lib/record/log-id.ts';

it('keeps ids of one frame as the first and a number', () => {
  const ids = Array.from({ length: 5000 }, (_, line) => formatLogId(1_795_273_021_800, 'f00dfeed0001', 7, line));
  expect(packIds(ids)).toEqual([ids[0], 4999]);
  expect(unpackIds(packIds(ids))).toEqual(ids);
});

it('keeps any ids, in any order', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let run = 0; run < 300; run += 1) {
    const ids: string[] = [];
    for (let at = random(40); at > 0; at -= 1) {
      const line = random(3) === 0 ? 2 ** 24 - 1 - random(2) : random(6);
      ids.push(
        formatLogId(1_795_273_021_800 + random(2), random(2) === 0 ? '000000000001' : 'ffffffffffff', random(4), line),
      );
    }
    expect(unpackIds(packIds(ids))).toEqual(ids);
  }
  expect(() => packIds(['nonsense'])).toThrow('no log id');
});

it('mints those of a frame as each alone', () => {
  for (const seq of [1, 2, 2 ** 40 - 1]) {
    const idOf = logIdsOf(1_795_273_021_800, 'abcdefabcdef', seq);
    for (const line of [0, 1, 31, 32, 2 ** 24 - 1])
      expect(idOf(line)).toBe(formatLogId(1_795_273_021_800, 'abcdefabcdef', seq, line));
  }
});
