import { civilFromDays, civilSeconds } from './calendar.ts';
import { parseEpoch } from './time-epoch.ts';
import { matchForm } from './time-forms.ts';
import { formatSeconds, type ParsedTime, type Reading, readZone } from './time-parts.ts';
import { fromWallClock, zoneOffset } from './zone.ts';

export type { ParsedTime } from './time-parts.ts';

/** A day in nanoseconds. */
export const DAY_NS = 86_400_000_000_000n;
export const HOUR_NS = 3_600_000_000_000n;
export const SECOND_NS = 1_000_000_000n;

export interface TimeOptions {
  /** IANA name or `+hh:mm` for times that name no zone; UTC where absent. */
  readonly zone?: string | undefined;
  /** Nanoseconds since 1970: gives the year, or the day, to a time that has none, so that it is not more than a day ahead (a time of day: not ahead). */
  readonly receivedAt?: bigint | undefined;
}

/**
 * Reads a time in any common form: RFC 3339 and ISO 8601 (basic too), RFC 2822, the access log's, syslog's, ctime,
 * klog's, those of Go, Java and Python, and epoch numbers in s, ms, us or ns (found by size), as number or text.
 * The whole text must be the time. Undefined where it is none, or no such date or time of day exists.
 */
export function parseTime(value: string | number, options: TimeOptions = {}): ParsedTime | undefined {
  if (typeof value === 'number') return parseTime(String(value), options);
  const text = value.trim();
  // yyyyMMddHHmmss and with milliseconds; as epoch numbers they would be in the year 2611.
  const compact = (text.length === 14 || text.length === 17) && /^(?:19|20)\d+$/.test(text);
  const epoch = compact ? undefined : parseEpoch(text);
  if (epoch !== undefined) return epoch;
  const found = findTime(text, options);
  return found !== undefined && found.length === text.length ? found : undefined;
}

/** Reads the time that a text begins with; undefined where it begins with none. Epoch numbers are not looked for. */
export function findTime(text: string, options: TimeOptions = {}): ParsedTime | undefined {
  const reading = readRfc3339(text) ?? matchForm(text);
  return reading === undefined ? undefined : resolve(reading, options, text);
}

/** RFC 3339 of a moment in a zone (IANA name, `+hh:mm`; UTC where absent), with 3, 6 or 9 decimals: the fewest that lose nothing. */
export function formatTime(ns: bigint, zone = 'UTC'): string {
  const seconds = floorDiv(ns);
  const nanos = Number(ns - BigInt(seconds) * SECOND_NS);
  const digits = String(nanos).padStart(9, '0');
  const fraction = nanos % 1_000_000 === 0 ? digits.slice(0, 3) : nanos % 1000 === 0 ? digits.slice(0, 6) : digits;
  return formatSeconds(seconds, fraction, zoneOffset(zone, seconds));
}

function floorDiv(ns: bigint): number {
  const quotient = ns / SECOND_NS;
  return Number(ns < 0n && quotient * SECOND_NS !== ns ? quotient - 1n : quotient);
}

function resolve(r: Reading, options: TimeOptions, text: string): ParsedTime | undefined {
  if (r.offset !== undefined && Math.abs(r.offset) >= 86400) return undefined;
  const zone = options.zone ?? 'UTC';
  const received = options.receivedAt === undefined ? 0 : floorDiv(options.receivedAt);
  const toUtc = (wall: number): number => (r.offset === undefined ? fromWallClock(zone, wall) : wall - r.offset);
  let seconds: number | undefined;
  if (r.month === undefined || r.day === undefined) seconds = nearestDay(r, received, zone, toUtc);
  else if (r.year === undefined) seconds = nearestYear(r, received, toUtc);
  else {
    const wall = civilSeconds({ ...r, year: r.year, month: r.month, day: r.day });
    seconds = wall === undefined ? undefined : toUtc(wall);
  }
  if (seconds === undefined) return undefined;
  const digits = r.fraction.slice(0, 9);
  const ns = BigInt(seconds) * SECOND_NS + BigInt(digits === '' ? 0 : Number(digits.padEnd(9, '0')));
  const offset = r.offset ?? zoneOffset(zone, seconds);
  const exact = r.length === text.length && STRICT_RFC3339.test(text);
  return {
    ns,
    text: exact ? text : formatSeconds(seconds, r.fraction, offset),
    zoned: r.offset !== undefined,
    dated: r.month !== undefined,
    length: r.length,
  };
}

const STRICT_RFC3339 = /^\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The year that puts a year-less date nearest before the moment of receipt; a day ahead is clock skew, not last year. */
function nearestYear(r: Reading, received: number, toUtc: (wall: number) => number): number | undefined {
  const thisYear = civilFromDays(Math.floor(received / 86400)).year;
  // 29 February may have to go back to the last leap year, eight years around 1900 and 2100.
  for (let year = thisYear + 1; year >= thisYear - 8; year--) {
    const wall = civilSeconds({ ...r, year, month: r.month ?? 1, day: r.day ?? 1 });
    if (wall === undefined) continue;
    const seconds = toUtc(wall);
    if (seconds <= received + 86400) return seconds;
  }
  return undefined;
}

function nearestDay(r: Reading, received: number, zone: string, toUtc: (wall: number) => number): number | undefined {
  const today = Math.floor((received + zoneOffset(zone, received)) / 86400);
  for (const day of [today, today - 1, today - 2]) {
    const wall = civilSeconds({ ...r, ...civilFromDays(day) });
    if (wall === undefined) return undefined;
    const seconds = toUtc(wall);
    if (seconds <= received) return seconds;
  }
  return undefined;
}

/** The commonest form by character codes, because one is read for every event: `YYYY-MM-DD[T ]hh:mm:ss[.,f][zone]`. */
function readRfc3339(text: string): Reading | undefined {
  const year = digits(text, 0, 4);
  if (year < 0 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 32 && separator !== 116 && separator !== 95) return undefined;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined;
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return undefined;
  let end = 19;
  const mark = text.charCodeAt(19);
  if ((mark === 46 || mark === 44) && isDigit(text.charCodeAt(20))) {
    end = 21;
    while (isDigit(text.charCodeAt(end))) end++;
  }
  const fraction = end > 19 ? text.slice(20, end) : '';
  const zone = readZone(text, end);
  return { year, month, day, hour, minute, second, fraction, offset: zone?.offset, length: zone?.end ?? end };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function digits(text: string, at: number, count: number): number {
  let n = 0;
  for (let i = at; i < at + count; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return -1;
    n = n * 10 + code - 48;
  }
  return n;
}
