import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CompactionStep,
  ENOUGH_BYTES,
  MOST_BYTES,
  planCompaction,
} from '../../../../../src/lib/adapters/embedded/compact/plan.ts';
import { bytesWithin } from '../../../../../src/lib/adapters/embedded/compact/pace.ts';
import { LEAVING_MS } from '../../../../../src/lib/adapters/embedded/compact/upkeep-writer.ts';
import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { WRITER_LIMITS } from '../../../../../src/lib/adapters/embedded/write/writer-limits.ts';

const MB = 2 ** 20;
const DAY = '2026.01.02';
const NOON = Date.parse('2026-01-02T12:00:00Z');
const LONG_AFTER = Date.parse('2026-03-01T00:00:00Z');

function segment(n: number, rawBytes: number, more: Partial<SegmentEntry> = {}): SegmentEntry {
  const sum = { bytes: 1, crc: 2 };
  const ns = String(BigInt(NOON) * 1_000_000n);
  const times = { minTs: ns, maxTs: ns, minReceived: NOON, maxReceived: NOON };
  const files = { parquet: sum, idx: sum, ranges: [], columns: [] };
  return { day: DAY, name: `0123456789ab-1-${n}`, rows: 10, rawBytes, ...times, ...files, ...more };
}

const megabytes = (...sizes: number[]): SegmentEntry[] => sizes.map((size, n) => segment(n, size * MB));
const due = { want: 'due', most: MOST_BYTES, now: NOON } as const;
const sizes = (steps: readonly CompactionStep[]): number[][] =>
  steps.map((step) => step.segments.map(({ rawBytes }) => rawBytes / MB));

describe('what is merged', () => {
  it('by short processes that follow each other, is what four of them seal when they end', () => {
    const most = bytesWithin(LEAVING_MS, undefined);
    const sealed = WRITER_LIMITS.sealAtCloseBytes / MB;
    expect(sizes(planCompaction(megabytes(sealed, sealed, sealed), { ...due, most }))).toEqual([]);
    const four = megabytes(sealed, sealed, sealed, sealed);
    expect(sizes(planCompaction(four, { ...due, most }))).toEqual([[sealed, sealed, sealed, sealed]]);
  });

  it('while a day goes on, is three and a half times as large as the largest of it', () => {
    expect(sizes(planCompaction(megabytes(24, 24, 24), due))).toEqual([]);
    expect(sizes(planCompaction(megabytes(24, 23, 22, 23), due))).toEqual([[22, 23, 23, 24]]);
    expect(sizes(planCompaction(megabytes(1, 1, 1, 1, 24, 24), due))).toEqual([[1, 1, 1, 1]]);
    expect(sizes(planCompaction(megabytes(96, 3, 3), due))).toEqual([]);
  });

  it('once nothing comes any more, is one and three quarters as large', () => {
    const quiet = { ...due, now: LONG_AFTER };
    expect(sizes(planCompaction(megabytes(24, 16), quiet))).toEqual([]);
    expect(sizes(planCompaction(megabytes(24, 24), quiet))).toEqual([[24, 24]]);
    expect(sizes(planCompaction(megabytes(3, 2, 1), quiet))).toEqual([[1, 2, 3]]);
  });

  it('where all is wanted, still does not rewrite much to take in little', () => {
    const all = { ...due, want: 'all' } as const;
    expect(sizes(planCompaction(megabytes(24, 20), all))).toEqual([[20, 24]]);
    expect(sizes(planCompaction(megabytes(200, 1), all))).toEqual([]);
    expect(sizes(planCompaction(megabytes(200, 1, 2), all))).toEqual([[1, 2]]);
    expect(sizes(planCompaction(megabytes(ENOUGH_BYTES / MB, 255, 255), all))).toEqual([[255, 255]]);
  });

  it('is of one day', () => {
    const other = { day: '2026.01.03', minTs: '1767398400000000000', maxTs: '1767398400000000001' };
    const steps = planCompaction([...megabytes(1, 1, 1, 1), segment(5, MB, other), segment(6, MB, other)], {
      ...due,
      want: 'all',
    });
    expect(sizes(steps)).toEqual([
      [1, 1],
      [1, 1, 1, 1],
    ]);
  });

  it('fits into what a step may have', () => {
    expect(sizes(planCompaction(megabytes(8, 8, 8, 8, 8, 8, 8, 8), { ...due, most: 32 * MB }))).toEqual([
      [8, 8, 8, 8],
      [8, 8, 8, 8],
    ]);
    expect(sizes(planCompaction(megabytes(24, 24, 24, 24), { ...due, most: 32 * MB }))).toEqual([]);
  });

  it('leaves out what is to stay', () => {
    const without = new Set([`${DAY}/0123456789ab-1-0`]);
    expect(sizes(planCompaction(megabytes(1, 2, 3), { ...due, want: 'all', without }))).toEqual([[2, 3]]);
  });

  it('knows the days that are over', () => {
    const cold = (now: string): boolean | undefined =>
      planCompaction(megabytes(1, 1), { ...due, want: 'all', now: Date.parse(now) })[0]?.cold;
    expect(cold('2026-01-03T00:30:00Z')).toBe(false);
    expect(cold('2026-01-03T01:30:00Z')).toBe(true);
  });
});

const dayAfter = (n: number): string =>
  new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10).replaceAll('-', '.');

/** A segment with these days, counted from 2020. */
function ofDays(n: number, rawBytes: number, numbers: readonly number[]): SegmentEntry {
  const days = [...new Set(numbers)].sort((a, b) => a - b);
  const ns = (day: number): string => String(BigInt(Date.UTC(2020, 0, 1 + day, 12)) * 1_000_000n);
  const first = days[0] ?? 0;
  return segment(n, rawBytes, {
    day: dayAfter(first),
    minTs: ns(first),
    maxTs: ns(days.at(-1) ?? 0),
    ...(days.length > 1 ? { days: days.map(dayAfter) } : {}),
  });
}

describe('segments of several days', () => {
  const all = { ...due, want: 'all' } as const;

  it('are split, however large, where days have enough', () => {
    const mixed = ofDays(1, 300 * MB, [0, 1, 2]);
    const steps = planCompaction([mixed, ...megabytes(24)], due);
    expect(steps.map(({ segments, split }) => ({ segments, split }))).toEqual([{ segments: [mixed], split: true }]);
    expect(planCompaction([ofDays(1, 3 * MB - 1, [0, 1, 2])], all)).toEqual([]);
  });

  it('are merged with others of the month, or the year, where it has little; with all where they span years', () => {
    const merged = (segments: SegmentEntry[]): string[][] =>
      planCompaction(segments, all).map((step) => step.segments.map(({ day }) => day.slice(0, 7)));
    const month = (first: number): SegmentEntry[] =>
      Array.from({ length: 30 }, (_, n) => ofDays(first + n, MB / 20, [first + n]));
    expect(merged(month(0)).map((step) => new Set(step))).toEqual([new Set(['2020.01'])]);
    const thin = [0, 31, 60, 91].flatMap((day) => [
      ofDays(day, 1000, [day]),
      ofDays(day + 1, 1000, [day + 1, day + 2]),
    ]);
    expect(merged(thin).map((step) => new Set(step))).toEqual([new Set(['2020.01', '2020.02', '2020.03', '2020.04'])]);
    const wide = [ofDays(1, 1000, [0, 400]), ofDays(2, 1000, [300, 900])];
    expect(merged(wide)).toEqual([['2020.01', '2020.10']]);
    // A day that goes on is left alone, and one that has enough.
    const today = { ...ofDays(7, 1000, [0]), day: DAY };
    expect(planCompaction([today, ...month(0).slice(0, 1)], { ...all, now: NOON })).toEqual([]);
    expect(merged([ofDays(1, 9 * MB, [0]), ofDays(2, 1000, [1])])).toEqual([]);
  });

  it('come to an end, whatever they have', () => {
    const day = fc.integer({ min: 0, max: 800 });
    const some = fc.record({
      days: fc.array(day, { minLength: 1, maxLength: 40 }),
      bytes: fc.oneof(fc.integer({ min: 100, max: 2 * MB }), fc.integer({ min: 100, max: 100 * MB })),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (found) => {
        let n = 0;
        let segments = found.map(({ days, bytes }) => ofDays(n++, bytes, days));
        const numbers = ({ day: of, days = [of] }: SegmentEntry): number[] =>
          days.map((name) => Math.round((Date.parse(name.replaceAll('.', '-')) - Date.UTC(2020, 0, 1)) / 86_400_000));
        let rounds = 0;
        for (;;) {
          const [step] = planCompaction(segments, all);
          if (step === undefined) break;
          rounds += 1;
          expect(rounds).toBeLessThan(200);
          segments = segments.filter((each) => !step.segments.includes(each));
          const days = [...new Set(step.segments.flatMap(numbers))];
          // What is split may be of one day but for a little.
          if (!step.split) segments.push(ofDays(n++, step.rawBytes, days));
          else {
            for (const [at, of] of days.entries())
              segments.push(ofDays(n++, at === 0 ? step.rawBytes - 1000 * (days.length - 1) : 1000, [of]));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('any number of segments', () => {
  const sizesOf = fc.array(fc.integer({ min: 1, max: 400 * MB }), { maxLength: 60 });

  it('are in one step at the most, none larger than it may be, none for little', () => {
    fc.assert(
      fc.property(
        sizesOf,
        fc.constantFrom('due', 'all'),
        fc.integer({ min: MB, max: MOST_BYTES }),
        (raw, want, most) => {
          const segments = raw.map((bytes, n) => segment(n, bytes));
          const steps = planCompaction(segments, { want, most, now: NOON });
          const named = steps.flatMap((step) => step.segments.map(({ name }) => name));
          expect(new Set(named).size).toBe(named.length);
          for (const step of steps) {
            expect(step.rawBytes).toBe(step.segments.reduce((sum, { rawBytes }) => sum + rawBytes, 0));
            expect(step.rawBytes).toBeLessThanOrEqual(most);
            expect(step.segments.length).toBeGreaterThan(1);
            const largest = Math.max(...step.segments.map(({ rawBytes }) => rawBytes));
            expect(largest).toBeLessThan(ENOUGH_BYTES);
            expect(step.rawBytes).toBeGreaterThanOrEqual(largest * (want === 'due' ? 3.5 : 1.25));
          }
        },
      ),
    );
  });

  it('that come one after the other are rewritten a few times, and become few', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 4 * MB, max: 24 * MB }), { minLength: 1, maxLength: 200 }), (raw) => {
        let segments: SegmentEntry[] = [];
        let written = 0;
        let total = 0;
        for (const [n, bytes] of raw.entries()) {
          segments.push(segment(n, bytes));
          total += bytes;
          for (
            let step = planCompaction(segments, due)[0];
            step !== undefined;
            step = planCompaction(segments, due)[0]
          ) {
            const { segments: merged, rawBytes } = step;
            written += rawBytes;
            segments = segments.filter((one) => !merged.includes(one));
            segments.push(segment(1_000_000 + written, rawBytes));
          }
        }
        expect(written / total).toBeLessThanOrEqual(4);
        expect(segments.length).toBeLessThanOrEqual(15 + Math.ceil(total / ENOUGH_BYTES));
      }),
      { numRuns: 50 },
    );
  });
});
