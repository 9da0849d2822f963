import { isAscii, isUtf8 } from 'node:buffer';
import { parseEvent } from '../../../parse/parse-event.ts';
import { MARK_BASE } from '../../../query/key-columns.ts';
import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import { LEVELS } from '../../../record/level.ts';
import { type EventContext, type FieldValue, type LogRecord, RawNumber } from '../../../record/record.ts';
import { isUnparsed } from '../../../parse/unparsed.ts';
import { MARK, MARK_BYTES, MARKED_ROLES, timeForm } from '../segment/marks.ts';
import { escapeJson } from '../segment/rebuild.ts';

/** One event as the columns of a segment have it. */
export interface StoredRow {
  readonly ts: bigint;
  /** `ROW_FLAGS`. */
  readonly flags: number;
  /** The number of `LEVELS`. */
  readonly level: number;
  /** By mark index: `MARKED_ROLES`, then the promoted keys. */
  readonly values: readonly (string | undefined)[];
  readonly message: string | undefined;
  /** Undefined where the line is not UTF-8: then the line itself is what is stored. */
  readonly rest: string | undefined;
  /** Every text of the record that a query may look into, names of fields included: what the filters must know. */
  readonly texts: string;
  /** Kept whole because it could not be parsed. */
  readonly unparsed: boolean;
  readonly fields: LogRecord['fields'];
}

/**
 * What an event is stored as, by `parseEvent`: the way for events that the scanner is not sure of, and what its own way
 * is tested against. The marks in `rest` are laid by finding the texts in the line, so that filling them in cannot give
 * other bytes.
 */
export function storedRow(
  raw: Buffer,
  context: EventContext,
  receivedAt: bigint,
  columns: readonly string[],
): StoredRow {
  const record = parseEvent(raw, context, receivedAt, '');
  const ascii = isAscii(raw);
  const values: (string | undefined)[] = MARKED_ROLES.map((role) => record[role]);
  let opaque = false;
  for (const key of columns) {
    const value = Object.hasOwn(record.fields, key) ? record.fields[key] : undefined;
    const text = value === undefined ? undefined : columnText(value);
    values.push(text);
    if (value !== undefined && text === undefined) opaque = true;
  }
  const line = ascii ? raw.toString('latin1') : isUtf8(raw) ? raw.toString('utf8') : undefined;
  const rest = line === undefined ? undefined : withMarks(line, record, values);
  let flags = flagsOf(record, raw, ascii, context);
  if (opaque) flags |= ROW_FLAGS.OPAQUE;
  if (rest !== undefined && rest === line) flags |= ROW_FLAGS.WHOLE;
  return {
    ts: record.ts,
    flags,
    level: LEVELS[record.level],
    values,
    message: record.message,
    rest,
    texts: textsOf(record),
    unparsed: isUnparsed(record),
    fields: record.fields,
  };
}

function flagsOf(record: LogRecord, raw: Buffer, ascii: boolean, context: EventContext): number {
  let flags = ascii ? 0 : ROW_FLAGS.NON_ASCII;
  if (raw.includes(BACKSLASH)) {
    flags |= ROW_FLAGS.BACKSLASH;
    if (raw.includes('\\u') || raw.includes('\\U')) flags |= ROW_FLAGS.UNICODE_ESCAPE;
  }
  if (context.fields !== undefined && Object.keys(context.fields).length > 0) flags |= ROW_FLAGS.CONTEXT_FIELDS;
  if (record.tsText === undefined) flags |= ROW_FLAGS.NO_TIME;
  if (record.format === 'json') flags |= ROW_FLAGS.JSON;
  return flags;
}

/** The text that a promoted column has for a field's value; undefined for one that no column can have. */
export function columnText(value: FieldValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof RawNumber ? value.text : undefined;
}

const BACKSLASH = 0x5c;
/**
 * What may be a number of JSON: its mark stands in its own place only, where quotes tell a text from a number. Here a
 * value is found by its text, so that its place may be another's.
 */
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A shorter text is not worth a mark. */
const LEAST_TEXT = 4;

/** A line with marks in the place of its message, its time and its values; the line itself where it has none of them. */
function withMarks(line: string, record: LogRecord, values: readonly (string | undefined)[]): string {
  if (MARK_BYTES.test(line)) return line;
  const { message = '', tsText, ts } = record;
  const form = tsText === undefined ? undefined : timeForm(tsText, ts);
  const punch = (text: string): string => {
    let out = text;
    if (form !== undefined) out = replaceWhole(out, tsText ?? '', MARK.time + String.fromCharCode(MARK_BASE + form));
    values.forEach((value, at) => {
      if (value !== undefined && value.length >= LEAST_TEXT && !MARK_BYTES.test(value) && !NUMBER.test(value))
        out = replaceWhole(out, value, MARK.column + String.fromCharCode(MARK_BASE + at));
    });
    return out;
  };
  const place = message === '' || MARK_BYTES.test(message) ? undefined : placeOf(line, message);
  if (place === undefined) return punch(line);
  return punch(line.slice(0, place.from)) + place.mark + punch(line.slice(place.to));
}

/** Where a line has its message, and the mark that gives it back. */
function placeOf(line: string, message: string): { from: number; to: number; mark: string } | undefined {
  if (line === message) return { from: 0, to: line.length, mark: MARK.plainMessage };
  const once = escapeJson(message);
  const forms = [
    [`"${once}"`, MARK.message, 1],
    [`\\"${escapeJson(once)}\\"`, MARK.innerMessage, 2],
    [message.length < LEAST_TEXT ? undefined : message, MARK.plainMessage, 0],
  ] as const;
  for (const [text, mark, quote] of forms) {
    const at = text === undefined ? -1 : line.lastIndexOf(text);
    if (text !== undefined && at !== -1) return { from: at + quote, to: at + text.length - quote, mark };
  }
  return undefined;
}

/** Replaces the first place of a text that no letter or digit goes on from, and that is in no mark. */
function replaceWhole(line: string, text: string, mark: string): string {
  for (let at = line.indexOf(text); at !== -1; at = line.indexOf(text, at + 1)) {
    const end = at + text.length;
    if (EDGE.test(line[at - 1] ?? '') && EDGE.test(line[end] ?? '') && !BEFORE.test(line[at - 1] ?? ''))
      return line.slice(0, at) + mark + line.slice(end);
  }
  return line;
}

const EDGE = /^[^\w]?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
const BEFORE = /[\u0005\u0006]/;

function textsOf(record: LogRecord): string {
  const { message, service, host, trace_id: trace, span_id: span } = record;
  const texts: string[] = [];
  for (const text of [message, service, host, trace, span, record.tsText]) if (text !== undefined) texts.push(text);
  addTexts(record.fields, texts);
  return texts.join('\n');
}

function addTexts(value: FieldValue, texts: string[]): void {
  if (value === null || typeof value === 'boolean') texts.push(String(value));
  else if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'number') texts.push(String(value));
  else if (value instanceof RawNumber) texts.push(value.text);
  else if (Array.isArray(value)) for (const element of value) addTexts(element, texts);
  else {
    for (const key of Object.keys(value)) {
      texts.push(key);
      addTexts(value[key] as FieldValue, texts);
    }
  }
}
