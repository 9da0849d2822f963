import { describe, expect, it } from 'vitest';
import { size, tenantLines } from '../../src/cli/store-summary.ts';

describe('a size for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1234, '1.23 kB'],
    [1_628_755, '1.63 MB'],
    [19_999_970, '20 MB'],
    [228_255_820, '228 MB'],
    [999_600, '1 MB'],
    [3.2e15, '3,200 TB'],
  ])('%d: %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});

describe('what a tenant holds', () => {
  const empty = {
    tenant: 't',
    events: 0,
    segments: 0,
    days: 0,
    rawBytes: 0,
    diskBytes: 0,
    unsealedBytes: 0,
    levels: {},
  };

  it('is told in aligned lines, the most severe level first', () => {
    const lines = tenantLines(
      {
        ...empty,
        events: 33_581,
        segments: 1,
        days: 1,
        rawBytes: 19_999_970,
        diskBytes: 1_628_755,
        ratio: 12.279,
        oldest: 0n,
        newest: 1_000_000n,
        levels: { INFO: 32_614, UNKNOWN: 387, ERROR: 73 },
      },
      'UTC',
    );
    expect(lines).toEqual([
      'tenant          t',
      'events          33,581',
      'received        20 MB',
      'on disk         1.63 MB in 1 segment of 1 day, 12.3 times smaller',
      'not yet sealed  0 B',
      'oldest          1970-01-01 00:00:00.000Z',
      'newest          1970-01-01 00:00:00.001Z',
      'levels          ERROR        73',
      '                INFO     32,614',
      '                UNKNOWN     387',
    ]);
  });

  it('of nothing is told too', () => {
    expect(tenantLines(empty, 'UTC')).toContain('newest          -');
  });
});
