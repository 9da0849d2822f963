import { describe, expect, it } from 'vitest';
import { progressText, summaryLines } from '../../src/cli/ship-talk.ts';

const summary = {
  events: 0,
  bytes: 0,
  rejected: 0,
  unparsed: 0,
  blank: 0,
  truncated: 0,
  nulBytes: 0,
  files: { shipped: 0, unchanged: 0, empty: 0, skipped: 0 },
  seconds: 0.5,
};

describe('what ship says', () => {
  it('on the way has the time left where it is known', () => {
    expect(progressText({ bytes: 0, events: 0 }, 1)).toBe('0 B, 0 events, 0 B/s');
    const done = { bytes: 50e6, events: 1 };
    expect(progressText(done, 2)).toBe('50 MB, 1 event, 25 MB/s');
    const left = (bytes: number) =>
      progressText({ ...done, ahead: { total: 1e12, left: bytes } }, 2)
        .split(', ')
        .at(-1);
    expect([30e6, 25e6 * 60, 25e6 * 61, 25e6 * 3600 * 2.5].map(left)).toEqual([
      '2 s left',
      '1 min left',
      '2 min left',
      '2 h 30 min left',
    ]);
  });

  it('at the end leaves out what is nothing', () => {
    expect(summaryLines(summary)).toEqual(['0 events']);
    expect(summaryLines({ ...summary, events: 1, bytes: 58 })).toEqual([
      '1 event, 58 B in 0.50 s, 116 B/s, 0 unparsed',
    ]);
    const files = { shipped: 3, unchanged: 1, empty: 2, skipped: 1 };
    expect(summaryLines({ ...summary, truncated: 1, nulBytes: 9000, files })[1]).toBe(
      '1 event cut at 1 MiB, 9,000 NUL bytes left out, 1 file with nothing new (--again sends all), 2 empty files, 1 file damaged or left out',
    );
  });
});
