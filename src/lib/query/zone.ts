import { LogsError } from '../errors.ts';

const MILLION = 1_000_000n;
const DAY_MS = 86_400_000;
/** Offsets change at whole quarters of an hour, so one answer serves a quarter. */
const QUARTER_MS = 900_000;
/** Quarters kept a zone: about a year of events in order; then the memory begins anew. */
const MOST_QUARTERS = 40_000;

/** A time zone's offset from UTC at any moment. */
export interface Zone {
  /** Milliseconds east of UTC at an instant in milliseconds since 1970. */
  offsetAt(instantMs: number): number;
}

const zones = new Map<string, Zone>();

/**
 * `UTC`, `Z`, `+hh:mm` or an IANA name.
 * @throws LogsError USAGE for an unknown zone
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

function makeZone(name: string): Zone {
  if (/^(?:utc|z|gmt)$/i.test(name)) return { offsetAt: () => 0 };
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(name);
  if (fixed !== null) {
    const offset = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
    return { offsetAt: () => offset };
  }
  return namedZone(name);
}

function namedZone(name: string): Zone {
  const format = dateFormat(name);
  let quarters = new Map<number, number>();
  return {
    offsetAt(instantMs) {
      const quarter = Math.floor(instantMs / QUARTER_MS);
      const known = quarters.get(quarter);
      if (known !== undefined) return known;
      if (quarters.size >= MOST_QUARTERS) quarters = new Map();
      const offset = readOffset(format, quarter * QUARTER_MS);
      quarters.set(quarter, offset);
      return offset;
    },
  };
}

function dateFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', hourCycle: 'h23', era: 'short', ...numeric });
  } catch (cause) {
    throw new LogsError('USAGE', `unknown time zone ${JSON.stringify(timeZone)}`, {
      hint: 'use an IANA name such as Europe/Berlin, UTC, or an offset such as +02:00',
      cause,
    });
  }
}

function readOffset(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts = new Map(format.formatToParts(instantMs).map((part) => [part.type, part.value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const year = /^B/.test(parts.get('era') ?? '') ? 1 - number('year') : number('year');
  const local = wallClock({ year, month: number('month'), day: number('day'), hour: number('hour'), minute: number('minute'), second: number('second') });
  return local - instantMs;
}

export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 60 in a leap second, which is the next minute's first. */
  readonly second: number;
}

/** A wall clock's reading as milliseconds since 1970 of that clock; `Date.UTC` would read the year 12 as 1912. */
export function wallClock(time: WallTime): number {
  const date = new Date(0);
  date.setUTCFullYear(time.year, time.month - 1, time.day);
  date.setUTCHours(time.hour, time.minute, time.second);
  return date.getTime();
}

/** Nanoseconds of the wall clock in `zone` at an instant in nanoseconds. */
export function toLocal(zone: Zone, instant: bigint): bigint {
  return instant + BigInt(zone.offsetAt(toMs(instant))) * MILLION;
}

/**
 * The instant at which the wall clock in `zone` shows `local` (both ns). Of an hour that comes twice the first is
 * meant; a time that a clock put forward leaps over is as much later as it leaps (02:30 is 03:30), as in java.time.
 */
export function fromLocal(zone: Zone, local: bigint): bigint {
  const ms = toMs(local);
  const before = zone.offsetAt(ms - DAY_MS);
  const after = zone.offsetAt(ms + DAY_MS);
  for (const offset of before >= after ? [before, after] : [after, before]) {
    const instant = local - BigInt(offset) * MILLION;
    if (zone.offsetAt(toMs(instant)) === offset) return instant;
  }
  return local - BigInt(before) * MILLION;
}

/** Rounded down, also before 1970. */
export function floorTo(value: bigint, step: bigint): bigint {
  const rest = value % step;
  return value - (rest < 0n ? rest + step : rest);
}

function toMs(nanoseconds: bigint): number {
  return Number(floorTo(nanoseconds, MILLION) / MILLION);
}
