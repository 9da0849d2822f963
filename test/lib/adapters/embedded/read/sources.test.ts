import { expect, it } from 'vitest';
import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { chunkSizes } from '../../../../../src/lib/adapters/embedded/read/sources.ts';

function segment(minTs: bigint, maxTs: bigint): SegmentEntry {
  const sum = { bytes: 1, crc: 2 };
  const rest = {
    day: '2026.01.02',
    name: 'x',
    rows: 9,
    rawBytes: 9,
    minReceived: 3,
    maxReceived: 4,
    columns: [],
    ranges: [],
  };
  return { ...rest, minTs: String(minTs), maxTs: String(maxTs), parquet: sum, idx: sum };
}

it('segments one behind the other are read in large chunks', () => {
  const row = Array.from({ length: 500 }, (_, at) => segment(BigInt(at) * 10n, BigInt(at) * 10n + 10n));
  expect(new Set(chunkSizes(row))).toEqual(new Set([2048]));
});

it('of segments that overlap, so much is read at once that all of them hold no more than 65,536 events', () => {
  const most = 2n ** 63n - 1n;
  const pile = Array.from({ length: 249 }, (_, at) => segment(100n + BigInt(at), at === 7 ? most : 1000n));
  const alone = [segment(-most, 99n), segment(1001n, 1002n)];
  const sizes = chunkSizes([...pile, ...alone]);
  expect(sizes.slice(0, 249).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(65_536);
  expect(Math.min(...sizes)).toBeGreaterThan(250);
  expect(sizes.slice(249)).toEqual([2048, 2048]);
});
