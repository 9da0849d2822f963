import { LogsError } from '../errors.ts';
import type { Unit } from './ast.ts';

/** Nanoseconds of each unit of time. */
export const DURATION_UNITS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
} as const satisfies Partial<Record<Unit, bigint>>;

/** Bytes of each unit of size: KB is 1,000, KiB 1,024. */
export const SIZE_UNITS = {
  B: 1n,
  KB: 1_000n,
  KiB: 1_024n,
  MB: 1_000_000n,
  MiB: 1_048_576n,
  GB: 1_000_000_000n,
  GiB: 1_073_741_824n,
} as const satisfies Partial<Record<Unit, bigint>>;

export type DurationUnit = keyof typeof DURATION_UNITS;
export type SizeUnit = keyof typeof SIZE_UNITS;

export function isDurationUnit(unit: string): unit is DurationUnit {
  return Object.hasOwn(DURATION_UNITS, unit);
}

export function isSizeUnit(unit: string): unit is SizeUnit {
  return Object.hasOwn(SIZE_UNITS, unit);
}

/**
 * `500ms`, `15m`, `2h`, `1.5h`, `1h30m`, `3d`, `1w` in nanoseconds, rounded down; never negative. `d` is 24 hours.
 * @throws LogsError TIME_SYNTAX
 */
export function parseDuration(text: string): bigint {
  const duration = durationOf(text);
  if (duration === undefined) {
    throw new LogsError('TIME_SYNTAX', `${JSON.stringify(text)} is not a duration`, {
      hint: 'write a number and a unit: 500ms, 15m, 2h, 3d, 1w',
    });
  }
  return duration;
}

/** As `parseDuration`, undefined for any other text. `µs` (either sign) is `us`. */
export function durationOf(text: string): bigint | undefined {
  if (!/^(?:\d{1,18}(?:\.\d{1,18})?(?:ns|us|µs|μs|ms|s|m|h|d|w))+$/u.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d+)(?:\.(\d+))?([a-zµμ]+)/gu)) {
    const size =
      DURATION_UNITS[(unit.length === 2 && unit.endsWith('s') && /[µμ]/u.test(unit) ? 'us' : unit) as DurationUnit];
    total += BigInt(whole) * size + (BigInt(fraction === '' ? 0 : fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return total;
}

/** The shortest exact form `parseDuration` reads back: `90s`, `1h`, `1w`; `0s` for nothing. */
export function formatDuration(nanoseconds: bigint): string {
  for (const unit of ['w', 'd', 'h', 'm', 's', 'ms', 'us', 'ns'] as const) {
    const size = DURATION_UNITS[unit];
    if (nanoseconds !== 0n && nanoseconds % size === 0n) return `${nanoseconds / size}${unit}`;
  }
  return '0s';
}

/**
 * `512`, `10MB`, `64MiB`, `1.5 GB` in bytes, rounded down. Units in any case; `K`, `M`, `G` alone are the decimal ones.
 * @throws LogsError USAGE
 */
export function parseSize(text: string): number {
  const size = sizeOf(text);
  if (size === undefined || size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new LogsError('USAGE', `${JSON.stringify(text)} is not a size`, {
      hint: 'write bytes or a number and a unit: 512, 10MB, 64MiB',
    });
  }
  return Number(size);
}

export function sizeOf(text: string): bigint | undefined {
  const found = /^(\d{1,18})(?:\.(\d{1,18}))?\s*([kmg]i?b?|b)?$/iu.exec(text.trim());
  if (found === null) return undefined;
  const [, whole = '', fraction = '', unit = 'B'] = found;
  const letter = unit.charAt(0).toUpperCase();
  const name = letter === 'B' ? 'B' : `${letter}${/i/iu.test(unit) ? 'i' : ''}B`;
  if (!isSizeUnit(name)) return undefined;
  const bytes = SIZE_UNITS[name];
  return BigInt(whole) * bytes + (BigInt(fraction === '' ? 0 : fraction) * bytes) / 10n ** BigInt(fraction.length);
}
