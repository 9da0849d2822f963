import { SECOND_NS } from '../../../record/time.ts';

/**
 * Bytes that stand in `rest` (the last two in `message` too) for what other columns of the row hold. JSON cannot have
 * them raw; a line of text that does is stored whole.
 */
export const MARK = {
  /** The message, escaped as the inside of a JSON string. */
  message: '\u0002',
  /** The message, escaped twice: inside a string of an object that is itself inside a string. */
  innerMessage: '\u0003',
  /** The message as it is. */
  plainMessage: '\u0004',
  /** The row's time; the next character is `MARK_BASE` + its form. */
  time: '\u0005',
  /** A value of the row; the next character is `MARK_BASE` + the index of its column. */
  column: '\u0006',
} as const;

/** Texts that hold one of these (0x01 is kept for later) cannot have marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
export const MARK_BYTES = /[\u0001-\u0006]/;

/** Columns 0 to 3; promoted keys follow. */
export const MARKED_ROLES = ['service', 'host', 'trace_id', 'span_id'] as const;

/** Promoted keys of a segment. */
export const MOST_COLUMNS = 48;

/** A promoted value that is so long, or a trace's or span's id, is taken out of the message too. UTF-8 bytes. */
export const REPEATED_BYTES = 16;

const EPOCH_FORM = 60;
/** Nanoseconds in the units of forms 60 to 63. */
const UNITS = [SECOND_NS, 1_000_000n, 1_000n, 1n] as const;
const SUFFIXES = ['Z', '', '+00:00'] as const;
const RFC3339 = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z|\+00:00)?$/;

/**
 * The text of a time, nanoseconds since 1970, in a form: for RFC 3339 digits of the fraction (0 to 9) + 10 × separator
 * (0 `T`, 1 blank) + 20 × suffix (0 `Z`, 1 none, 2 `+00:00`); 60 to 63 are whole seconds, milli-, micro-, nanoseconds.
 */
export function timeText(ts: bigint, form: number): string {
  const unit = UNITS[form - EPOCH_FORM];
  if (unit !== undefined) return String(ts / unit);
  const digits = form % 10;
  const nanos = String(ts % SECOND_NS).padStart(9, '0');
  const seconds = new Date(Number(ts / 1_000_000n)).toISOString().slice(0, 19);
  const wall = form % 20 < 10 ? seconds : seconds.replace('T', ' ');
  return `${wall}${digits === 0 ? '' : `.${nanos.slice(0, digits)}`}${SUFFIXES[Math.floor(form / 20)] ?? ''}`;
}

/** The form that gives back a time's very text; undefined where none does. Not for times before 1970. */
export function timeForm(text: string, ts: bigint): number | undefined {
  if (ts < 0n) return undefined;
  const found = RFC3339.exec(text);
  if (found !== null) {
    const [, separator, fraction = '', suffix = ''] = found;
    const form =
      fraction.length + (separator === 'T' ? 0 : 10) + 20 * SUFFIXES.indexOf(suffix as (typeof SUFFIXES)[number]);
    return timeText(ts, form) === text ? form : undefined;
  }
  const unit = UNITS.findIndex((nanoseconds) => String(ts / nanoseconds) === text && BigInt(text) * nanoseconds === ts);
  return unit === -1 ? undefined : EPOCH_FORM + unit;
}
