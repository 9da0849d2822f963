import { parseEvent } from '../../parse/parse-event.ts';
import { ALIASES, aliasOf, nestedAliases } from '../../record/aliases.ts';
import { valuesOf } from '../../record/field-access.ts';
import { jsonText } from '../../record/json-text.ts';
import type { EventContext, LogRecord } from '../../record/record.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 123;
const BRACE_END = 125;
const COLON = 58;
const COMMA = 44;

/**
 * What events are put together by: a function from the bytes of an event to its key, undefined where it has none.
 * `field`: `service`, or any other; `none`: never a key.
 */
export function keyReader(field: string, context: EventContext): (event: Buffer) => string | undefined {
  if (field === 'none') return () => undefined;
  if (field !== 'service') return (event) => keyOfRecord(field, parseEvent(event, context, 0n, ''));
  const forced = forcedService(context);
  if (forced !== undefined) return () => forced;
  const { format, service } = context;
  // Text without a format says nothing of its service.
  if (format === 'plain') return () => service;
  return (event) => {
    if ((format === undefined || format === 'json') && event[0] === BRACE) {
      const found = topLevelService(event);
      if (found !== PARSE) return found ?? service;
    }
    return parseEvent(event, context, 0n, '').service;
  };
}

/** What a record is put together with others by. */
export function keyOfRecord(field: string, record: LogRecord): string | undefined {
  if (field === 'none') return undefined;
  if (field === 'service') return record.service;
  const [value] = valuesOf(record, field);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : jsonText(value);
}

function forcedService({ fields }: EventContext): string | undefined {
  let found: string | undefined;
  for (const key of Object.keys(fields ?? {})) if (aliasOf(key)?.role === 'service') found = fields?.[key];
  return found;
}

/** The event has to be parsed to know. */
export const PARSE = Symbol('parse');

/**
 * The service that a JSON object of one line names at its top level, without parsing it: most of the cost of routing
 * would else be numbers and nested objects that nobody asks for. `PARSE` where its service may stand deeper, is no
 * plain text, or where it is no such object.
 */
export function topLevelService(event: Buffer): string | undefined | typeof PARSE {
  let found: string | undefined;
  let rank = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let at = afterSpace(event, 1); ; at = afterSpace(event, at + 1)) {
    const keyEnd = event[at] === QUOTE ? stringEnd(event, at) : -1;
    if (keyEnd < 0) return PARSE;
    const colon = afterSpace(event, keyEnd + 1);
    const value = afterSpace(event, colon + 1);
    const end = event[colon] === COLON ? valueEnd(event, value) : -1;
    if (end < 0) return PARSE;
    const alias = MAY_NAME.has(event[at + 1] as number) ? rankOf(event.toString('latin1', at + 1, keyEnd)) : undefined;
    if (alias !== undefined && alias < rank) {
      found = event[value] === QUOTE ? event.toString('utf8', value + 1, end - 1) : '';
      // Escapes and all but text are the parser's business.
      if (found === '' || found.includes('\\')) return PARSE;
      rank = alias;
      if (rank === 0) return found;
    } else inside ||= mayHold(event, at, keyEnd, value);
    at = afterSpace(event, end);
    if (event[at] === BRACE_END) return found === undefined && inside ? PARSE : found;
    if (event[at] !== COMMA) return PARSE;
  }
}

/** Whether a service may stand inside a value: JSON in a text, a container's line, `service: {name}`. */
function mayHold(event: Buffer, key: number, keyEnd: number, value: number): boolean {
  if (event[value] === QUOTE) {
    return event[value + 1] === BRACE || (keyEnd - key === 4 && event.toString('latin1', key + 1, keyEnd) === 'log');
  }
  if (event[value] !== BRACE) return false;
  const name = event.toString('latin1', key + 1, keyEnd);
  return nestedAliases(name) !== undefined || aliasOf(name)?.role === 'message';
}

/** How every name of a service begins. */
const MAY_NAME: ReadonlySet<number> = new Set(
  ALIASES.service.flatMap((name) => [name.charCodeAt(0), name.toUpperCase().charCodeAt(0)]),
);

function rankOf(key: string): number | undefined {
  const alias = aliasOf(key);
  return alias?.role === 'service' ? alias.rank : undefined;
}

function afterSpace(event: Buffer, from: number): number {
  let at = from;
  while (event[at] === 32 || event[at] === 9) at += 1;
  return at;
}

/** Index of the quote that ends the text whose first quote is at `start`; -1 where there is none. */
function stringEnd(event: Buffer, start: number): number {
  for (let at = start + 1; at < event.length; at += 1) {
    const byte = event[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return -1;
}

/** Where a value ends that begins at `start`: the index behind it; -1 where it does not end. */
function valueEnd(event: Buffer, start: number): number {
  const first = event[start];
  if (first === QUOTE) {
    const end = stringEnd(event, start);
    return end < 0 ? -1 : end + 1;
  }
  if (first === BRACE || first === 91) return nestedEnd(event, start);
  let at = start;
  while (at < event.length && event[at] !== 44 && event[at] !== 125) at += 1;
  return at === event.length || at === start ? -1 : at;
}

function nestedEnd(event: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < event.length; at += 1) {
    const byte = event[at];
    if (byte === QUOTE) {
      at = stringEnd(event, at);
      if (at < 0) return -1;
    } else if (byte === BRACE || byte === 91) depth += 1;
    else if (byte === 125 || byte === 93) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
