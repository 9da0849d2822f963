import { describe, expect, it } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { alignTime, parseDuration, parseSize, parseTime } from '../../../src/lib/query/time-range.ts';
import { formatTime } from '../../../src/lib/record/time.ts';

/** Wednesday. */
const NOW = BigInt(Date.parse('2026-03-04T12:34:56Z')) * 1_000_000n;

function at(text: string, zone = 'UTC'): string {
  return formatTime(parseTime(text, { now: NOW, zone }));
}

function instant(text: string): bigint {
  return BigInt(Date.parse(text)) * 1_000_000n;
}

describe('parseTime', () => {
  it.each([
    ['15m', '2026-03-04T12:19:56Z'],
    ['15m ago', '2026-03-04T12:19:56Z'],
    ['1h30m', '2026-03-04T11:04:56Z'],
    ['now-1h/d', '2026-03-04T00:00:00Z'],
    ['now/w', '2026-03-02T00:00:00Z'],
    ['2026', '2026-01-01T00:00:00Z'],
    ['2026-01', '2026-01-01T00:00:00Z'],
    ['2026-01-31', '2026-01-31T00:00:00Z'],
    ['2026-01-31T14', '2026-01-31T14:00:00Z'],
    ['2026-01-31 14:05', '2026-01-31T14:05:00Z'],
    ['2026-01-31T14:05:06+02:00', '2026-01-31T12:05:06Z'],
    ['today', '2026-03-04T00:00:00Z'],
    ['yesterday', '2026-03-03T00:00:00Z'],
    ['friday', '2026-02-27T00:00:00Z'],
    ['wednesday', '2026-03-04T00:00:00Z'],
    ['sun', '2026-03-01T00:00:00Z'],
    ['14:05', '2026-03-04T14:05:00Z'],
    ['yesterday 14:05', '2026-03-03T14:05:00Z'],
    ['1700000000', '2023-11-14T22:13:20Z'],
    ['1700000000000', '2023-11-14T22:13:20Z'],
    ['1700000000000000', '2023-11-14T22:13:20Z'],
    ['1700000000000000000', '2023-11-14T22:13:20Z'],
  ])('reads %s', (text, expected) => {
    expect(parseTime(text, { now: NOW, zone: 'UTC' })).toBe(instant(expected));
  });

  it('is in the local zone unless it names one, over gaps and overlaps', () => {
    const berlin = { now: NOW, zone: 'Europe/Berlin' };
    expect(parseTime('2026-07-01', berlin)).toBe(instant('2026-06-30T22:00:00Z'));
    expect(parseTime('2026-07-01T00:00Z', berlin)).toBe(instant('2026-07-01T00:00:00Z'));
    expect(parseTime('2026-03-29T02:30', berlin)).toBe(instant('2026-03-29T01:30:00Z'));
    expect(parseTime('2026-10-25T02:30', berlin)).toBe(instant('2026-10-25T00:30:00Z'));
    // Half past midnight behind the day of 23 hours: 24 hours before, it was the day before yesterday.
    const monday = { now: instant('2026-03-29T22:30:00Z'), zone: 'Europe/Berlin' };
    for (const text of ['now-1d/d', 'yesterday']) expect(parseTime(text, monday)).toBe(instant('2026-03-28T23:00:00Z'));
    expect(at('today', '+05:30')).toBe(at('2026-03-03T18:30:00Z'));
  });

  it.each(['', 'soon', '2026-02-30', '25:00', '15 m', '2026-13', 'now-', '-5m'])('refuses %j', (text) => {
    expect(() => parseTime(text, { now: NOW, zone: 'UTC' })).toThrow(LogsError);
  });
});

describe('alignTime', () => {
  const day = parseDuration('1d');
  it('begins days at local midnight, whatever the clocks do', () => {
    expect(alignTime(instant('2026-03-29T20:00:00Z'), day, 'Europe/Berlin')).toBe(instant('2026-03-28T23:00:00Z'));
    expect(alignTime(instant('2026-10-25T22:30:00Z'), day, 'Europe/Berlin')).toBe(instant('2026-10-24T22:00:00Z'));
  });

  it('keeps the two hours apart that the clock shows twice', () => {
    const hour = parseDuration('1h');
    expect(alignTime(instant('2026-10-25T00:30:00Z'), hour, 'Europe/Berlin')).toBe(instant('2026-10-25T00:00:00Z'));
    expect(alignTime(instant('2026-10-25T01:30:00Z'), hour, 'Europe/Berlin')).toBe(instant('2026-10-25T01:00:00Z'));
  });

  it('makes one longer bucket of the hours that the clock shows twice', () => {
    const two = parseDuration('2h');
    const starts = [0, 1, 2, 3].map((hour) => alignTime(instant(`2026-10-25T0${hour}:30:00Z`), two, 'Europe/Berlin'));
    expect(starts).toEqual(['00', '00', '00', '03'].map((hour) => instant(`2026-10-25T${hour}:00:00Z`)));
  });

  it('begins weeks on Monday', () => {
    expect(alignTime(NOW, parseDuration('1w'), 'UTC')).toBe(instant('2026-03-02T00:00:00Z'));
  });
});

describe('parseSize and parseDuration', () => {
  it('read units', () => {
    expect([parseSize('10MB'), parseSize('64MiB'), parseSize('512'), parseSize('1.5k')]).toEqual([
      10_000_000, 67_108_864, 512, 1500,
    ]);
    expect([parseDuration('500ms'), parseDuration('1w')]).toEqual([500_000_000n, 604_800_000_000_000n]);
    expect(() => parseDuration('5 parsecs')).toThrow(LogsError);
    expect(() => parseSize('-1')).toThrow(LogsError);
  });
});
