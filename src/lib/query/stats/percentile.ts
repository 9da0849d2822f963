import { eachNumber } from './numbers.ts';
import type { Statistic } from './statistic.ts';

/**
 * `p95(f)`: the least number that at least 95 % of the numbers do not exceed (nearest rank), exactly, so every number
 * is kept: 8 bytes each. Null where there are none.
 */
export function percentile(p: number, field: string): Statistic {
  let kept = new Float64Array(64);
  let length = 0;
  const keep = (value: number): void => {
    if (length === kept.length) {
      const grown = new Float64Array(length * 2);
      grown.set(kept);
      kept = grown;
    }
    kept[length++] = value;
  };
  return {
    add: (record, times) =>
      eachNumber(record, field, (value) => {
        for (let time = 0; time < times; time++) keep(value);
      }),
    result: () => {
      if (length === 0) return null;
      kept.subarray(0, length).sort();
      return kept[Math.max(0, rankOf(p, length) - 1)] ?? null;
    },
  };
}

/** ceil(p / 100 × n) without the rounding of p / 100: p has at most six decimals. */
function rankOf(p: number, length: number): number {
  const millionths = BigInt(Math.round(p * 1e6));
  return Number((millionths * BigInt(length) + 99_999_999n) / 100_000_000n);
}
