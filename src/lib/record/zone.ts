const FORMATS = new Map<string, Intl.DateTimeFormat>();
const OFFSETS = new Map<string, number>();
/** No zone of today changes its offset inside a quarter of an hour that starts on the quarter. */
const BUCKET = 900;
const MAX_CACHED = 100_000;

const FIXED = /^(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?$/;

/** Seconds east of UTC of `+hh:mm`, `-hhmm`, `+hh`, `UTC`, `GMT`, `Z`; undefined for anything else. */
export function fixedOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z' || zone === 'UTC' || zone === 'GMT') return 0;
  const found = FIXED.exec(zone);
  if (found === null) return undefined;
  const hours = Number(found[2]);
  const minutes = Number(found[3] ?? 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (found[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Whether this names a zone that this system knows: an IANA name, `UTC` or `+hh:mm`. */
export function isZone(zone: string): boolean {
  return fixedOffset(zone) !== undefined || formatOf(zone) !== undefined;
}

/** Seconds east of UTC in a zone at a moment (seconds since 1970). An unknown zone counts as UTC. */
export function zoneOffset(zone: string, seconds: number): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const bucket = Math.floor(seconds / BUCKET);
  const key = `${zone} ${bucket}`;
  const cached = OFFSETS.get(key);
  if (cached !== undefined) return cached;
  const offset = computeOffset(zone, bucket * BUCKET);
  if (OFFSETS.size >= MAX_CACHED) OFFSETS.clear();
  OFFSETS.set(key, offset);
  return offset;
}

/**
 * The moment (seconds since 1970) at which clocks of a zone show a wall time (seconds as if it were UTC).
 * Where the clock shows it twice (the end of summer time): the first. Where it never does: as if it had not yet been put forward.
 */
export function fromWallClock(zone: string, wall: number): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return wall - fixed;
  const before = zoneOffset(zone, wall - 86400);
  const after = zoneOffset(zone, wall + 86400);
  if (zoneOffset(zone, wall - before) === before) return wall - before;
  return zoneOffset(zone, wall - after) === after ? wall - after : wall - before;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    FORMATS.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

function computeOffset(zone: string, seconds: number): number {
  const format = formatOf(zone);
  if (format === undefined || Math.abs(seconds) > 8e12) return 0;
  const parts: Record<string, number> = {};
  for (const part of format.formatToParts(seconds * 1000)) parts[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - seconds;
}
