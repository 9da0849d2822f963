import { LogsError } from '../errors.ts';
import { LOG_ID_PREFIX } from '../record/log-id.ts';

/**
 * Log ids as a frame's header has them, in order: a whole one, or the last five characters where the others are those of
 * the one before; a number says how many more follow whose last five characters count on by one each.
 */
export type PackedIds = readonly (string | number)[];

const ID = /^[0-9A-HJKMNP-TV-Z]{32}$/;
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** Throws INTERNAL for text that `formatLogId` does not make. */
export function packIds(ids: readonly string[]): PackedIds {
  const packed: (string | number)[] = [];
  let prefix = '';
  let value = -1;
  let more = 0;
  for (const id of ids) {
    if (!ID.test(id)) throw new LogsError('INTERNAL', `${JSON.stringify(id)} is no log id`);
    const same = id.startsWith(prefix) && prefix !== '';
    const suffix = id.slice(LOG_ID_PREFIX);
    const next = valueOf(suffix);
    if (same && next === value + 1) more += 1;
    else {
      if (more > 0) packed.push(more);
      more = 0;
      packed.push(same ? suffix : id);
      prefix = id.slice(0, LOG_ID_PREFIX);
    }
    value = next;
  }
  if (more > 0) packed.push(more);
  return packed;
}

/** The ids that `packIds` was given. */
export function unpackIds(packed: PackedIds): string[] {
  const ids: string[] = [];
  let prefix = '';
  let value = 0;
  for (const part of packed) {
    if (typeof part === 'number') {
      for (let more = 0; more < part; more += 1) {
        value += 1;
        ids.push(prefix + textOf(value));
      }
      continue;
    }
    if (part.length > LOG_ID_PREFIX) prefix = part.slice(0, LOG_ID_PREFIX);
    const suffix = part.slice(-5);
    value = valueOf(suffix);
    ids.push(prefix + suffix);
  }
  return ids;
}

/** Those of frames are looked up for one event after the other. */
const UNPACKED = new WeakMap<PackedIds, readonly string[]>();

/** The id that an event of a frame came with, counted from 0 as `eachEvent` finds them. */
export function packedId(packed: PackedIds, event: number): string | undefined {
  let ids = UNPACKED.get(packed);
  if (ids === undefined) {
    ids = unpackIds(packed);
    UNPACKED.set(packed, ids);
  }
  return ids[event];
}

function valueOf(suffix: string): number {
  let value = 0;
  for (const digit of suffix) value = value * 32 + (VALUES.get(digit) ?? 0);
  return value;
}

function textOf(value: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < 5; at += 1) {
    text = DIGITS.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
