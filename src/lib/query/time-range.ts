import { LogsError } from '../errors.ts';
import type { QueryClock, Scalar } from './ast.ts';
import { civilSeconds, daysInMonth } from '../record/calendar.ts';
import { isZone } from '../record/zone.ts';
import { DURATION_UNITS, durationOf, isDurationUnit, parseDuration } from './duration.ts';
import { floorTo, fromLocal, toLocal, zoneOf } from './zone.ts';

export { parseDuration, parseSize } from './duration.ts';

/** What a time as written covers: a day is all of it, an instant one nanosecond. Nanoseconds since 1970, `to` excluded. */
export interface TimeSpan {
  readonly from: bigint;
  readonly to: bigint;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const DAY = DURATION_UNITS.d;
/** Thursday 1970-01-01 is three days after the Monday weeks are counted from. */
const MONDAY = -3n * DAY;
const DATE_TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)?\s?(Z|z|[+-]\d\d:?\d\d)?)?)?)?$/;
const DAY_AND_TIME = /^(?:([a-z]+)(?:[ T]|$))?(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)?$/i;

/**
 * A moment as a person writes it, in ns: `15m` and `15m ago`, `now-1h/d`, RFC 3339 and its beginnings (`2026-01`),
 * `today`, `yesterday`, a weekday (the most recent, today too), `14:05` (today), `yesterday 14:05`, and epoch
 * seconds, ms, us or ns by their size. Without a zone of its own it is in the clock's.
 * @throws LogsError TIME_SYNTAX
 */
export function parseTime(text: string, clock: QueryClock): bigint {
  return parseTimeSpan(text, clock).from;
}

/** As `parseTime`, with the end of what was written: `2026-01-31` is that whole day. */
export function parseTimeSpan(text: string, clock: QueryClock): TimeSpan {
  const span = timeSpanOf(text.trim(), clock);
  if (span === undefined) {
    throw new LogsError('TIME_SYNTAX', `${JSON.stringify(text)} is not a time`, {
      hint: 'write 15m, 2h, yesterday, friday, 14:05, 2026-01-31T14:05, now-1h/d or epoch seconds',
    });
  }
  return span;
}

/** Whether `parseTime` reads it, whatever the moment and zone. */
export function isTime(text: string): boolean {
  return timeSpanOf(text.trim(), { now: 0n, zone: 'UTC' }) !== undefined;
}

/** The span a query's scalar means as a time, undefined where it means none. */
export function spanOfScalar(scalar: Scalar, clock: QueryClock): TimeSpan | undefined {
  if (scalar.kind === 'relative') return relativeSpan(scalar.offset, scalar.round, clock);
  if (scalar.kind === 'number' && scalar.unit !== undefined) {
    return isDurationUnit(scalar.unit)
      ? relativeSpan(-parseDuration(`${scalar.text}${scalar.unit}`), undefined, clock)
      : undefined;
  }
  return timeSpanOf(scalar.text, clock);
}

/** RFC 3339 and its beginnings alone: what a field's text may say. Undefined for other text. */
export function dateSpanOf(text: string, clock: QueryClock): TimeSpan | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = ''] = parts;
  const wall = civilSeconds({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  });
  if (wall === undefined) return undefined;
  const zone = parts[8] ?? zoneOf(clock.zone);
  if (!isZone(zone)) return undefined;
  const local = BigInt(wall) * DURATION_UNITS.s + nanoseconds(fraction);
  const from = fromLocal(zone, local);
  if (parts[5] !== undefined) return { from, to: from + precision(parts[6], fraction) };
  if (parts[4] !== undefined) return { from, to: from + DURATION_UNITS.h };
  const days = BigInt(daysCovered(Number(year), parts[2], parts[3]));
  return { from, to: fromLocal(zone, local + days * DAY) };
}

/** Days in what was written: a day, a month, a year. */
function daysCovered(year: number, month: string | undefined, day: string | undefined): number {
  if (day !== undefined) return 1;
  return month === undefined ? 337 + daysInMonth(year, 2) : daysInMonth(year, Number(month));
}

function timeSpanOf(text: string, clock: QueryClock): TimeSpan | undefined {
  return dateSpanOf(text, clock) ?? epochSpan(text) ?? relativeText(text, clock) ?? dayAndTime(text, clock);
}

function nanoseconds(fraction: string): bigint {
  return BigInt(fraction.padEnd(9, '0'));
}

function precision(second: string | undefined, fraction: string): bigint {
  if (second === undefined) return DURATION_UNITS.m;
  return 10n ** BigInt(9 - fraction.length);
}

/** Seconds up to 10^11, then ms, us, ns: each begins in 1973 and reaches beyond any log. */
function epochSpan(text: string): TimeSpan | undefined {
  const parts = /^(\d{5,19})(?:\.(\d{1,9}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, whole = '', fraction = ''] = parts;
  const value = BigInt(whole);
  const unit = value < 10n ** 11n ? 's' : value < 10n ** 14n ? 'ms' : value < 10n ** 17n ? 'us' : 'ns';
  const size = DURATION_UNITS[unit];
  const smallest = size / 10n ** BigInt(fraction.length);
  const from = value * size + (BigInt(fraction === '' ? 0 : fraction) * size) / 10n ** BigInt(fraction.length);
  return { from, to: from + (smallest === 0n ? 1n : smallest) };
}

function relativeText(text: string, clock: QueryClock): TimeSpan | undefined {
  const now = /^now(?:\s*([+-])\s*([\dA-Za-zµμ.]+))?(?:\/([smhdw]))?$/iu.exec(text);
  if (now !== null) {
    const offset = now[2] === undefined ? 0n : durationOf(now[2]);
    if (offset === undefined) return undefined;
    return relativeSpan(now[1] === '-' ? -offset : offset, now[3]?.toLowerCase() as RoundUnit | undefined, clock);
  }
  const ago = durationOf(text.replace(/\s+ago$/i, ''));
  return ago === undefined ? undefined : relativeSpan(-ago, undefined, clock);
}

type RoundUnit = 's' | 'm' | 'h' | 'd' | 'w';

function relativeSpan(offset: bigint, round: RoundUnit | undefined, clock: QueryClock): TimeSpan {
  const instant = clock.now + offset;
  if (round === undefined) return { from: instant, to: instant + 1n };
  const size = DURATION_UNITS[round];
  const zone = zoneOf(clock.zone);
  // Days back are days of the calendar where days are asked for, also of 23 and 25 hours: `now-1d/d` is yesterday.
  const wholeDays = size >= DAY && offset % DAY === 0n;
  const from = wholeDays
    ? fromLocal(zone, alignLocal(toLocal(zone, clock.now) + offset, size))
    : alignTime(instant, size, zone);
  return { from, to: size >= DAY ? fromLocal(zone, toLocal(zone, from) + size) : from + size };
}

/** `today`, `friday`, `14:05`, `yesterday 14:05`. */
function dayAndTime(text: string, clock: QueryClock): TimeSpan | undefined {
  const parts = DAY_AND_TIME.exec(text);
  if (parts === null || text === '') return undefined;
  const [, dayName, hour, minute = '0', second, fraction = ''] = parts;
  const zone = zoneOf(clock.zone);
  const today = floorTo(toLocal(zone, clock.now), DAY);
  const back = dayName === undefined ? 0 : daysBack(dayName.toLowerCase(), today);
  if (back === undefined) return undefined;
  const day = today - BigInt(back) * DAY;
  if (hour === undefined) return { from: fromLocal(zone, day), to: fromLocal(zone, day + DAY) };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined;
  const seconds = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0));
  const from = fromLocal(zone, day + seconds * DURATION_UNITS.s + nanoseconds(fraction));
  return { from, to: from + precision(second, fraction) };
}

function daysBack(name: string, localDay: bigint): number | undefined {
  if (name === 'today') return 0;
  if (name === 'yesterday') return 1;
  const weekday = WEEKDAYS.findIndex((known) => known === name || known.slice(0, 3) === name);
  const sinceMonday = Number((floorTo(localDay - MONDAY, DAY) - floorTo(localDay - MONDAY, 7n * DAY)) / DAY);
  return weekday < 0 ? undefined : (sinceMonday + 1 - weekday + 7) % 7;
}

/**
 * The start of the bucket of `size` ns that holds `instant`, on the zone's wall clock: days begin at local midnight,
 * weeks on Monday (ISO 8601). Where clocks are put back, buckets of an hour or less come twice, longer ones are longer.
 */
export function alignTime(instant: bigint, size: bigint, zone: string): bigint {
  const local = toLocal(zone, instant);
  const start = alignLocal(local, size);
  return size <= DURATION_UNITS.h ? instant - (local - start) : fromLocal(zone, start);
}

function alignLocal(local: bigint, size: bigint): bigint {
  const anchor = size % DURATION_UNITS.w === 0n ? MONDAY : 0n;
  return floorTo(local - anchor, size) + anchor;
}
