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

/** Names of zones that mean one offset, in hours: RFC 2822's (4.3) and those of the tz database. Others (IST, BST) do not. */
const NAMED: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['GMT', 0],
  ['UT', 0],
  ['EST', -5],
  ['EDT', -4],
  ['CST', -6],
  ['CDT', -5],
  ['MST', -7],
  ['MDT', -6],
  ['PST', -8],
  ['PDT', -7],
  ['WET', 0],
  ['WEST', 1],
  ['CET', 1],
  ['CEST', 2],
  ['EET', 2],
  ['EEST', 3],
  ['MSK', 3],
  ['JST', 9],
  ['KST', 9],
  ['AEST', 10],
  ['AEDT', 11],
  ['NZST', 12],
  ['NZDT', 13],
]);
const OFFSET = /(?: ?([+-]\d\d:?\d\d)(?!\d)|([+-]\d\d)(?![\d:]))/y;
const NAME = / ?([A-Z]{2,4})(?![\w+:-])/y;
/** Behind the offset Java puts the zone's name in brackets, Go its abbreviation and its monotonic clock. */
const NOTE = /\[[A-Z]\w+\/[\w+/-]+\]| \(?[A-Z]{3,4}\)?(?: m=[+-][\d.]+)?(?=\s|$)/y;

/** A zone at a position of a text: `Z`, `+01:00`, ` +0100`, `+01`, ` UTC`, ` +0000 UTC`, `+01:00[Europe/Paris]`. */
export function readZone(text: string, at: number): { offset: number; end: number } | undefined {
  const code = text.charCodeAt(at);
  if (code === 90 || code === 122) return { offset: 0, end: at + 1 };
  if (Number.isNaN(code)) return undefined;
  OFFSET.lastIndex = at;
  const found = OFFSET.exec(text);
  if (found === null) {
    NAME.lastIndex = at;
    const named = namedOffset(NAME.exec(text)?.[1] ?? '');
    return named === undefined ? undefined : { offset: named, end: NAME.lastIndex };
  }
  const offset = fixedOffset(found[1] ?? found[2] ?? '');
  if (offset === undefined) return undefined;
  const end = OFFSET.lastIndex;
  NOTE.lastIndex = end;
  const note = NOTE.exec(text)?.[0] ?? '';
  // In `+0000 UTC` an abbreviation repeats the offset; behind `+00:00` it is a host, behind either a level may stand.
  const taken = note.startsWith('[') || (found[0].startsWith(' ') && !LEVEL_LIKE.has(note.replace(/\W/g, '')));
  return { offset, end: taken ? end + note.length : end };
}

const LEVEL_LIKE = new Set(['INFO', 'WARN', 'ERR', 'CRIT', 'DBG', 'INF', 'WRN', 'TRC', 'FTL', 'NOTE', 'LOG']);

/** Seconds east of UTC of a zone's abbreviation; undefined where it is unknown or means different zones. */
export function namedOffset(name: string): number | undefined {
  const hours = NAMED.get(name);
  return hours === undefined ? undefined : hours * 3600;
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
