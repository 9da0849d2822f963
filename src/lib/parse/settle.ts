import { losesText, parseLevel, type Level } from '../record/level.ts';
import { jsonText } from '../record/json-text.ts';
import { type FieldValue, RawNumber } from '../record/record.ts';
import { DAY_NS, type ParsedTime, parseTime } from '../record/time.ts';
import { type Claim, type Draft, type ParseContext, setField } from './draft.ts';
import { findLevel } from './plain.ts';

export interface SettledTime {
  readonly ts: bigint;
  readonly tsText: string | undefined;
}

/**
 * The event's time: the first claim that can be read. Without one, or where it is before 1970 or more than a day
 * ahead of receipt, the time of receipt, with `_ts_error` or `clock_skew` in the fields (store.md, Writing 7).
 */
export function settleTime(draft: Draft, context: ParseContext): SettledTime {
  const options = { zone: context.zone, receivedAt: context.receivedAt };
  let parsed: ParsedTime | undefined;
  let used: Claim | undefined;
  for (const claim of draft.claims.time) {
    const value = scalar(claim.value);
    parsed = value === undefined ? undefined : parseTime(microseconds(claim.key, value), options);
    if (parsed !== undefined) {
      used = claim;
      break;
    }
  }
  for (const claim of draft.claims.time)
    if (claim !== used && !same(claim, used)) setField(draft.fields, claim.key, claim.value);
  if (parsed === undefined) {
    const [first] = draft.claims.time;
    if (first !== undefined) setField(draft.fields, '_ts_error', `no time in ${first.key}: ${show(first.value)}`);
    return { ts: context.receivedAt, tsText: undefined };
  }
  if (parsed.ns < 0n || parsed.ns > context.receivedAt + DAY_NS) {
    setField(draft.fields, 'clock_skew', parsed.text);
    return { ts: context.receivedAt, tsText: undefined };
  }
  return { ts: parsed.ns, tsText: parsed.text };
}

/** The event's level: the first claim that says one, else the word in the head of the message. */
export function settleLevel(draft: Draft, message: string | undefined): Level {
  let level: Level = 'UNKNOWN';
  let used: Claim | undefined;
  for (const claim of draft.claims.level) {
    const value = scalar(claim.value);
    if (value === undefined) continue;
    level = parseLevel(value, claim.key);
    if (level === 'UNKNOWN') continue;
    used = losesText(value, level, claim.key) ? undefined : claim;
    break;
  }
  for (const claim of draft.claims.level) {
    if (claim !== used && !same(claim, used)) setField(draft.fields, claim.key, claim.value);
  }
  if (level === 'UNKNOWN' && message !== undefined) return parseLevel(findLevel(message) ?? '');
  return level;
}

/** A role of text: the first claim; the others stay fields. */
export function settleText(
  draft: Draft,
  role: 'service' | 'message' | 'host' | 'trace_id' | 'span_id',
): string | undefined {
  const claims = draft.claims[role];
  const used = claims[0];
  if (used === undefined) return undefined;
  for (let i = 1; i < claims.length; i++) {
    const claim = claims[i] as Claim;
    if (!same(claim, used)) setField(draft.fields, claim.key, claim.value);
  }
  return show(used.value);
}

/** A field that was passed over is not kept a second time where it says the same. */
function same(claim: Claim, used: Claim | undefined): boolean {
  return used !== undefined && claim.value === used.value;
}

function scalar(value: FieldValue): string | number | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return value instanceof RawNumber ? value.text : undefined;
}

function show(value: FieldValue): string {
  return typeof value === 'string' ? value : jsonText(value);
}

const JOURNALD = '__REALTIME_TIMESTAMP';

/** journald's clock counts microseconds whatever its size. */
function microseconds(key: string, value: string | number): string | number {
  const digits = String(value);
  if (key !== JOURNALD || !/^\d{1,17}$/.test(digits)) return value;
  const padded = digits.padStart(7, '0');
  return `${padded.slice(0, -6)}.${padded.slice(-6)}`;
}
