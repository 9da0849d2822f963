import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilFromDays, daysFromCivil } from '../../../src/lib/record/calendar.ts';
import { TIME_FORMS } from '../../../src/lib/record/time-forms.ts';
import { findTime, formatTime, parseTime } from '../../../src/lib/record/time.ts';
import { isZone, zoneOffset } from '../../../src/lib/record/zone.ts';

const receivedAt = BigInt(Date.parse('2024-03-01T00:00:00Z')) * 1_000_000n;
const read = (text: string | number, zone?: string): string | undefined => parseTime(text, { receivedAt, zone })?.text;

describe('parseTime', () => {
  it.each([
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05.678901234Z', '2024-01-02T03:04:05.678901234Z'],
    ['2024-01-02T03:04:05,123456789+01:00', '2024-01-02T03:04:05.123456789+01:00'],
    ['2024-01-02 03:04:05.5 -0500', '2024-01-02T03:04:05.5-05:00'],
    ['2024-01-02T03:04:05+05', '2024-01-02T03:04:05+05:00'],
    ['2024-01-02 03:04:05 UTC', '2024-01-02T03:04:05Z'],
    ['2024-01-02 03:04:05,123', '2024-01-02T03:04:05.123Z'],
    ['2024-01-02T03:04Z', '2024-01-02T03:04:00Z'],
    ['2024-01-02', '2024-01-02T00:00:00Z'],
    ['20240102T030405.678Z', '2024-01-02T03:04:05.678Z'],
    ['20240102030405', '2024-01-02T03:04:05Z'],
    ['20240102030405678', '2024-01-02T03:04:05.678Z'],
    ['2024-01-02T03:04:05+01:00[Europe/Paris]', '2024-01-02T03:04:05+01:00'],
    ['2009-11-10 23:00:00 +0000 UTC m=+0.000000001', '2009-11-10T23:00:00Z'],
    ['2024/01/02 03:04:05.678901', '2024-01-02T03:04:05.678901Z'],
    ['02/Jan/2024:03:04:05 +0100', '2024-01-02T03:04:05+01:00'],
    ['Tue, 2 Jan 2024 03:04:05 +0100', '2024-01-02T03:04:05+01:00'],
    ['Tue, 02 Jan 2024 03:04:05 GMT', '2024-01-02T03:04:05Z'],
    ['2 Jan 2024 03:04 EST', '2024-01-02T03:04:00-05:00'],
    ['Tuesday, 02-Jan-2024 03:04:05 UTC', '2024-01-02T03:04:05Z'],
    ['Tue Jan  2 03:04:05 2024', '2024-01-02T03:04:05Z'],
    ['Tue Jan  2 03:04:05 UTC 2024', '2024-01-02T03:04:05Z'],
    ['Tue Jan  2 03:04:05 CEST 2024', '2024-01-02T03:04:05+02:00'],
    ['Jan  2 03:04:05 2024', '2024-01-02T03:04:05Z'],
    ['2024-01-02 03:04:05 JST', '2024-01-02T03:04:05+09:00'],
    ['Jan 02, 2024 3:04:05 PM', '2024-01-02T15:04:05Z'],
    ['Jan 02, 2024 12:04:05 AM', '2024-01-02T00:04:05Z'],
    ['Jan  2 03:04:05', '2024-01-02T03:04:05Z'],
    ['Dec 31 23:59:59', '2023-12-31T23:59:59Z'],
    ['Feb 29 01:00:00', '2024-02-29T01:00:00Z'],
    ['0102 03:04:05.678901', '2024-01-02T03:04:05.678901Z'],
    ['03:04:05.678', '2024-02-29T03:04:05.678Z'],
    [1700000000, '2023-11-14T22:13:20Z'],
    [1700000000.25, '2023-11-14T22:13:20.25Z'],
    ['1700000000123', '2023-11-14T22:13:20.123Z'],
    ['1700000000123456', '2023-11-14T22:13:20.123456Z'],
    ['1700000000123456789', '2023-11-14T22:13:20.123456789Z'],
    ['1700000000.123456789', '2023-11-14T22:13:20.123456789Z'],
    ['1.661145496154660e+09', '2022-08-22T05:18:16.154660Z'],
    ['17000000001e-1', '2023-11-14T22:13:20.1Z'],
    ['-1', '1969-12-31T23:59:59Z'],
    ['2024-01-02T24:00:00Z', '2024-01-03T00:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    '',
    'abc',
    '12:61:00',
    '2024-13-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-01-02T24:00:01Z',
    '2024-01-02T25:00:00Z',
    '2024-01-02T03:04:61Z',
    '2024-01-02T03:30:60Z',
    '2024-01-02T03:04:05Z and more',
    'Tue Jan  2 03:04:05 IST 2024',
    '2024-01-02T03:04:05+99:00',
    'Foo  2 03:04:05',
    '1e999',
    '123456789012345678901234',
    '0x10',
    'Jan 2, 2024 13:00:00 PM',
  ])('does not read %j', (text) => expect(read(text)).toBeUndefined());

  it('takes a leap second for the second after it and keeps its text', () => {
    const leap = parseTime('2016-12-31T23:59:60.5Z');
    expect(leap?.text).toBe('2016-12-31T23:59:60.5Z');
    expect(formatTime(leap?.ns ?? 0n)).toBe('2017-01-01T00:00:00.500Z');
  });

  it('reads a zoneless time in the zone it is told', () => {
    expect(read('2024-07-01 12:00:00', 'Europe/Berlin')).toBe('2024-07-01T12:00:00+02:00');
    expect(read('2024-07-01 12:00:00', '-03:30')).toBe('2024-07-01T12:00:00-03:30');
    expect(read('2024-07-01 12:00:00Z', 'Europe/Berlin')).toBe('2024-07-01T12:00:00Z');
  });

  it('takes the first of two readings when clocks go back, and none is skipped when they go forward', () => {
    expect(read('2024-10-27 02:30:00', 'Europe/Berlin')).toBe('2024-10-27T02:30:00+02:00');
    expect(read('2024-11-03 01:30:00', 'America/New_York')).toBe('2024-11-03T01:30:00-04:00');
    expect(read('2024-03-31 02:30:00', 'Europe/Berlin')).toBe('2024-03-31T03:30:00+02:00');
  });

  it('does not put a year-less time more than a day ahead of receipt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 }), fc.integer({ min: 0, max: 86399 }), (day, second) => {
        const then = new Date(Date.UTC(2023, 0, 1 + day, 0, 0, second));
        const stamp = then.toUTCString().replace(/^\w+, (\d\d) (\w+) \d+ (.*) GMT$/, '$2 $1 $3');
        const ns = parseTime(stamp, { receivedAt })?.ns ?? 0n;
        expect(ns <= receivedAt + 86_400_000_000_000n).toBe(true);
        expect(ns > receivedAt - 367n * 86_400_000_000_000n).toBe(true);
      }),
    );
  });
});

describe('TIME_FORMS', () => {
  it('reads its own examples, each by its own form', () => {
    for (const form of TIME_FORMS) {
      const first = TIME_FORMS.find(({ pattern }) => {
        pattern.lastIndex = 0;
        return pattern.test(form.example);
      });
      expect(first?.name, form.example).toBe(form.name);
      expect(read(form.example), form.name).toBeDefined();
    }
  });

  it('costs linear time on hostile text', () => {
    const hostile = [
      '1'.repeat(200_000),
      '2024-01-02T03:04:05.'.padEnd(200_000, '1'),
      `Jan ${' '.repeat(200_000)}`,
      'Mon '.repeat(50_000),
    ];
    const start = performance.now();
    for (const text of hostile) findTime(text, { receivedAt });
    // A step for each pair of characters would take minutes.
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('formatTime', () => {
  it('gives back what was read, for any nanosecond of four-digit years', () => {
    const ns = fc.bigInt({ min: -62_167_219_200n * 1_000_000_000n, max: 253_402_300_799_999_999_999n });
    fc.assert(
      fc.property(ns, (t) => {
        expect(parseTime(formatTime(t))?.ns).toBe(t);
      }),
    );
  });

  it('agrees with Date on milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        expect(formatTime(BigInt(ms) * 1_000_000n)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('uses the fewest of 3, 6 and 9 decimals, and the zone', () => {
    expect(formatTime(1_500_000_000n)).toBe('1970-01-01T00:00:01.500Z');
    expect(formatTime(1_500_001_000n)).toBe('1970-01-01T00:00:01.500001Z');
    expect(formatTime(1n)).toBe('1970-01-01T00:00:00.000000001Z');
    expect(formatTime(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
    expect(formatTime(0n, 'Asia/Kolkata')).toBe('1970-01-01T05:30:00.000+05:30');
    expect(formatTime(0n, '-03:30')).toBe('1969-12-31T20:30:00.000-03:30');
  });
});

describe('calendar and zones', () => {
  it('counts days there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
        const { year, month, day } = civilFromDays(days);
        expect(daysFromCivil(year, month, day)).toBe(days);
      }),
    );
  });

  it('knows zones from what is none', () => {
    expect(['UTC', 'Europe/Berlin', '+02:00', '-0330', 'Z'].every(isZone)).toBe(true);
    expect(['Mars/Olympus', '+25:00', '', 'now'].some(isZone)).toBe(false);
    expect(zoneOffset('Asia/Kathmandu', 1_700_000_000)).toBe(20_700);
  });
});
