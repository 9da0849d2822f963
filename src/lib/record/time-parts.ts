import { civilFromDays } from './calendar.ts';
import { fixedOffset } from './zone.ts';

export interface ParsedTime {
  /** Nanoseconds since 1970. */
  readonly ns: bigint;
  /** RFC 3339, with the precision and the zone it came with. */
  readonly text: string;
  /** Whether the text named its zone (an epoch number does). */
  readonly zoned: boolean;
  /** Whether the text had a date, with or without a year. */
  readonly dated: boolean;
  /** How many UTF-16 units of the text it took. */
  readonly length: number;
}

/** A wall clock reading as a form found it in a text. */
export interface Reading {
  /** Absent: the year in which it is nearest before `receivedAt`. */
  readonly year?: number | undefined;
  /** Absent, with `day`: a time of day only. */
  readonly month?: number | undefined;
  readonly day?: number | undefined;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the decimal mark as written, without it. */
  readonly fraction: string;
  /** Seconds east of UTC. */
  readonly offset?: number | undefined;
  readonly length: number;
}

const ZONE = /\s?(?:([+-]\d\d:?\d\d)(?: [A-Z]{3,4}(?![A-Za-z]))?|([+-]\d\d)(?![\d:])|(UTC|GMT)(?![A-Za-z+-]))/y;

/** A zone at a position of a text: `Z`, `+01:00`, `+0100`, `+01`, ` UTC`, Go's ` +0000 UTC`. */
export function readZone(text: string, at: number): { offset: number; end: number } | undefined {
  const code = text.charCodeAt(at);
  if (code === 90 || code === 122) return { offset: 0, end: at + 1 };
  if (Number.isNaN(code)) return undefined;
  ZONE.lastIndex = at;
  const found = ZONE.exec(text);
  if (found === null) return undefined;
  const offset = fixedOffset(found[1] ?? found[2] ?? 'UTC');
  return offset === undefined ? undefined : { offset, end: ZONE.lastIndex };
}

/** RFC 3339 from seconds since 1970, the digits of the fraction and the zone's offset in seconds. */
export function formatSeconds(seconds: number, fraction: string, offset: number): string {
  const wall = seconds + offset;
  const days = Math.floor(wall / 86400);
  const { year, month, day } = civilFromDays(days);
  const rest = wall - days * 86400;
  const date = `${two(year, 4)}-${two(month)}-${two(day)}`;
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${date}T${clock}${fraction === '' ? '' : `.${fraction}`}${formatOffset(offset)}`;
}

function formatOffset(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.floor(Math.abs(offset) / 60);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(n: number, width = 2): string {
  return n < 0 ? `-${String(-n).padStart(width, '0')}` : String(n).padStart(width, '0');
}
