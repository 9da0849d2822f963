import { LogsError } from '../errors.ts';
import { SECOND_NS } from '../record/time.ts';
import { fromWallClock, isZone, zoneOffset } from '../record/zone.ts';

/**
 * The zone's name, known to exist.
 * @throws LogsError USAGE for an unknown zone
 */
export function zoneOf(name: string): string {
  if (isZone(name)) return name;
  throw new LogsError('USAGE', `unknown time zone ${JSON.stringify(name)}`, {
    hint: 'use an IANA name such as Europe/Berlin, UTC, or an offset such as +02:00',
  });
}

/** Nanoseconds of the wall clock in `zone` at an instant in nanoseconds. */
export function toLocal(zone: string, instant: bigint): bigint {
  return instant + BigInt(zoneOffset(zone, seconds(instant))) * SECOND_NS;
}

/**
 * The instant at which the wall clock in `zone` shows `local` (both ns). Of an hour that comes twice the first is
 * meant; a time that a clock put forward leaps over is as much later as it leaps (02:30 is 03:30).
 */
export function fromLocal(zone: string, local: bigint): bigint {
  const wall = seconds(local);
  return BigInt(fromWallClock(zone, wall)) * SECOND_NS + (local - BigInt(wall) * SECOND_NS);
}

/** Rounded down, also before 1970. */
export function floorTo(value: bigint, step: bigint): bigint {
  const rest = value % step;
  return value - (rest < 0n ? rest + step : rest);
}

function seconds(nanoseconds: bigint): number {
  return Number(floorTo(nanoseconds, SECOND_NS) / SECOND_NS);
}
