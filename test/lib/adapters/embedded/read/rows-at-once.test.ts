import { describe, expect, it } from 'vitest';
import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { firstAtOnce, rowsAtOnce } from '../../../../../src/lib/adapters/embedded/read/rows-at-once.ts';

const entry = (rows: number, rawBytes: number): SegmentEntry => ({ rows, rawBytes }) as SegmentEntry;
const long = { segment: { entry: entry(10, 10 * 1024 * 1024) } };
const short = { segment: { entry: entry(10, 10 * 1024) } };

describe('rowsAtOnce', () => {
  it('is about 32 MiB of events, and a row at least', () => {
    expect(rowsAtOnce(long.segment.entry)).toBe(32);
    expect(rowsAtOnce(short.segment.entry)).toBe(32_768);
    expect(rowsAtOnce(entry(1, 2 ** 30))).toBe(1);
    expect(rowsAtOnce(entry(1, 0))).toBeGreaterThan(1);
  });

  it('is shared by rows of different segments', () => {
    const some = <T>(count: number, row: T): T[] => Array.from({ length: count }, () => row);
    expect(firstAtOnce(some(100, long))).toBe(32);
    expect(firstAtOnce(some(31, long))).toBe(31);
    expect(firstAtOnce([...some(1024, short), ...some(100, long)])).toBe(1024 + 31);
    expect(firstAtOnce([{ segment: { entry: entry(1, 2 ** 30) } }])).toBe(1);
    expect(firstAtOnce([])).toBe(0);
  });
});
