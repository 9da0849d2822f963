import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../src/lib/render/display-width.ts';
import { drawBars } from '../../../src/lib/render/chart.ts';
import { PLAIN_PAINT } from '../../../src/lib/render/paint.ts';
import { drawTable } from '../../../src/lib/render/table-chart.ts';

const style = (width: number) => ({ terminal: true, width, zone: 'UTC', paint: PLAIN_PAINT });

describe('bars', () => {
  it('fit the width, whatever the labels and numbers', () => {
    const bar = fc.record({ label: fc.string({ unit: 'grapheme' }), size: fc.nat(1_000_000) });
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 8 }), fc.integer({ min: 20, max: 160 }), (bars, width) => {
        const lines = [
          ...drawBars(
            bars.map(({ label, size }) => ({ label, value: String(size), pieces: [{ size }] })),
            style(width),
          ),
        ];
        for (const line of lines) {
          expect(line.endsWith('\n')).toBe(true);
          expect(displayWidth(line.slice(0, -1))).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it('are as long as their numbers, and never nothing for something', () => {
    const [a, b, c] = [
      ...drawBars(
        [1000, 500, 1].map((size) => ({ label: 'x', value: String(size), pieces: [{ size }] })),
        style(60),
      ),
    ];
    const length = (line: string | undefined) => [...(line ?? '')].filter((char) => char === '█').length;
    expect(length(a)).toBe(2 * length(b));
    expect(c).toContain('▏');
  });
});

describe('groups of several keys', () => {
  it('stand in columns', () => {
    const rows = [
      ['INFO', 'a', 2],
      ['UNKNOWN', 'b', 1],
    ];
    const table = { columns: ['level', 'node', 'count'], rows };
    const lines = [...drawTable(table, { keys: 2, levelsAdded: false }, style(40))];
    expect(lines.map((line) => line.slice(0, 12))).toEqual(['INFO     a  ', 'UNKNOWN  b  ']);
  });
});

describe('a histogram', () => {
  const minute = 60_000_000_000n;
  const shape = { keys: 1, interval: minute, levelsAdded: false };

  it('fills gaps, so that distance on screen is distance in time', () => {
    const table = {
      columns: ['@timestamp', 'count'],
      rows: [
        [0n, 3],
        [minute * 3n, 1],
      ] as const,
    };
    const lines = [...drawTable(table, shape, style(60))];
    expect(lines.map((line) => Number(line.trim().split(/\s+/).at(-1)))).toEqual([3, 0, 0, 1]);
  });

  it('tells a long gap in one line', () => {
    const table = {
      columns: ['@timestamp', 'count'],
      rows: [
        [0n, 3],
        [minute * 1000n, 1],
      ] as const,
    };
    expect([...drawTable(table, shape, style(60))][1]).toBe('⋮ 999 × nothing\n');
  });

  it('draws levels that were only added for colour as one bucket', () => {
    const rows = [
      [0n, 'ERROR', 2],
      [0n, 'INFO', 5],
    ] as const;
    const lines = [
      ...drawTable(
        { columns: ['@timestamp', 'level', 'count'], rows },
        { ...shape, keys: 2, levelsAdded: true },
        style(60),
      ),
    ];
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd().endsWith('7')).toBe(true);
  });
});
