import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../../../../src/lib/adapters/kafka/partitioner.ts';

describe('partitions of keys', () => {
  // Of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('is never negative and below the count', () => {
    for (let n = 0; n < 1000; n += 1) {
      const partition = partitionOf(Buffer.from(`key ${n}`), 7);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
  });
});
