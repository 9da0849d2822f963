import { describe, expect, it } from 'vitest';
import { compactedLine, plannedLines } from '../../src/cli/compact-talk.ts';

const before = { segments: 12, rawBytes: 240e6, diskBytes: 6e6 };
const sealed = { logs: 0, bytes: 0 };
const steps = [
  { day: '2026.01.02', days: 1, segments: 12, rawBytes: 240e6, split: false },
  { day: '2026.01.03', days: 5, segments: 1, rawBytes: 12e6, split: true },
  { day: '2026.02.03', days: 30, segments: 30, rawBytes: 12e3, split: false },
];

describe('what is told of a compaction', () => {
  it('is what there is now, and what there was', () => {
    const after = { segments: 1, rawBytes: 240e6, diskBytes: 5e6 };
    expect(compactedLine({ tenant: 'default', before, after, sealed, steps })).toBe(
      'default: 1 segment, 5 MB, 48.0 times smaller than received; before 12 segments, 6 MB, whose files go with the first ship or compact in ten minutes',
    );
    expect(compactedLine({ tenant: 'default', before: after, after, sealed, steps: [] })).toBe(
      'default: nothing to compact, 1 segment, 5 MB, 48.0 times smaller than received',
    );
    const none = { segments: 0, rawBytes: 0, diskBytes: 0 };
    expect(compactedLine({ tenant: 'a', before: none, after: none, sealed, steps: [] })).toBe('a: no segments');
    // One event, of a log file that was sealed.
    const one = { segments: 1, rawBytes: 80, diskBytes: 3300 };
    expect(compactedLine({ tenant: 'a', before: none, after: one, sealed, steps: [] })).toBe('a: 1 segment, 3.3 kB');
    expect(compactedLine({ tenant: 'a', before: one, after: one, sealed, steps: [] })).toBe(
      'a: nothing to compact, 1 segment, 3.3 kB',
    );
  });

  it('is each step where nothing is done', () => {
    expect(plannedLines({ tenant: 'default', before, after: before, sealed, steps })).toEqual([
      'default: 12 segments of 2026-01-02, 240 MB received, into one',
      'default: 1 segment of 5 days from 2026-01-03 on, 12 MB received, into one a day',
      'default: 30 segments of 30 days from 2026-02-03 on, 12 kB received, into one',
    ]);
    expect(plannedLines({ tenant: 'a', before, after: before, sealed, steps: [] })).toEqual([
      'a: nothing to compact in 12 segments',
    ]);
    expect(plannedLines({ tenant: 'a', before, sealed: { logs: 2, bytes: 3e6 }, steps: [] })).toEqual([
      'a: 2 log files to seal, 3 MB',
    ]);
  });
});
