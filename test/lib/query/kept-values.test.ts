import { describe, expect, it } from 'vitest';
import { createAggregator } from '../../../src/lib/query/aggregate.ts';
import type { GroupKey, StatFunction } from '../../../src/lib/query/ast.ts';
import { dedupTable } from '../../../src/lib/query/pipes/dedup.ts';
import { KeptValues } from '../../../src/lib/query/kept-values.ts';
import { CLOCK, event } from './record.ts';

const REFUSED = { code: 'QUERY_UNSUPPORTED', hint: expect.stringContaining('narrow the time') };

function aggregate(functions: readonly StatFunction[], by: readonly GroupKey[]) {
  return createAggregator({ functions, by, clock: CLOCK, range: {} });
}

const having = (fields: { a: string; b?: string }) => ({ ...event({}), fields });

describe('values that a query keeps', () => {
  it('are so many, and of so many bytes together', () => {
    const many = new KeptValues();
    many.add('a', 1_000_000, 'x has', 'values');
    expect(() => many.add('b', 1_000_001, 'x has', 'values')).toThrow(
      expect.objectContaining({ ...REFUSED, message: 'x has more than 1000000 values' }),
    );
    const long = new KeptValues();
    const text = 'x'.repeat(2 ** 20);
    for (let n = 1; n < 256; n++) long.add(text, n, 'x has', 'values');
    expect(() => long.add(text, 256, 'x has', 'values')).toThrow(
      expect.objectContaining({ ...REFUSED, message: 'x has values that need more than 512 MiB of memory' }),
    );
  });

  it('are those of all groups and all distincts of statistics', () => {
    const longs = Array.from({ length: 90 }, (_, n) => `${n}${'x'.repeat(2 ** 20)}`);
    const by = [{ kind: 'field', field: 'a' }] as const;
    const functions = [
      { kind: 'distinct', field: 'a' },
      { kind: 'distinct', field: 'b' },
    ] as const;
    const groups = aggregate([{ kind: 'count' }], by);
    for (const a of longs) groups.add(having({ a }));
    expect(groups.table().rows.length).toBe(90);
    const all = aggregate(functions, by);
    expect(() => {
      for (const a of longs) all.add(having({ a, b: a }));
    }).toThrow(expect.objectContaining({ ...REFUSED, message: expect.stringContaining('512 MiB') }));
  });

  it('are those of dedup', () => {
    const rows = Array.from({ length: 300 }, (_, n) => [`${n}${'x'.repeat(2 ** 20)}`]);
    expect(() => dedupTable(['a'], { columns: ['a'], rows })).toThrow(
      expect.objectContaining({ ...REFUSED, message: 'dedup would have to remember values that need more than 512 MiB of memory' }),
    );
  }); // biome-ignore format: a table
});
