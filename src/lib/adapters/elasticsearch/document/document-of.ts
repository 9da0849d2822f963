import { isUtf8 } from 'node:buffer';
import { RESERVED } from '../../../record/aliases.ts';
import { jsonText } from '../../../record/json-text.ts';
import type { Fields, FieldValue, LogRecord } from '../../../record/record.ts';
import { formatTime } from '../../../record/time.ts';
import { hasWholeWords } from './index-trust.ts';
import { fitsTemplate, Indexer, type Shape } from './indexable.ts';
import { BESIDE, INEXACT, kindOfName, MAX_KEYWORD, REST } from './names.ts';
import { heldTime } from './times.ts';

export interface DocumentOptions {
  /** Keep the bytes as received in `event.original`, or in `_logs` where they are no UTF-8 or the name is taken. */
  readonly original?: boolean;
  /** Fields that do not fit the mapping of the index: they go to `_fields`. */
  readonly beside?: ReadonlySet<string>;
  /** Index nothing but the roles: the fields are kept and come back, but are not searched. */
  readonly unindexed?: boolean;
}

/** A time as Elasticsearch's `strict_date_optional_time_nanos` reads it and nothing is lost. */
const PLAIN_TIME = /^\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-7]):[0-5]\d)$/;
/** Paths told in one document before it is said of all its fields. */
const MAX_INEXACT = 100;

/** A field that is not at its place in the document: where it stood among the fields, its name, and its JSON unless it is in `_fields`. */
export type Moved = readonly [index: number, name: string, json?: string];

/**
 * A record as the JSON text of a document: our wire names and the fields as they came, and after them `_fields`,
 * `_inexact` and `_logs` (docs/elasticsearch.md). `recordOf` makes the same record of it again.
 */
export function documentOf(record: LogRecord, options: DocumentOptions = {}): string {
  const rest: string[] = [`"format":${JSON.stringify(record.format)}`];
  const inexact: string[] = [];
  let out = `{"@timestamp":"${timeOf(record, rest, inexact)}","level":"${record.level}"`;
  if (record.service !== undefined) out += `,"service":${keyword('service', record.service, inexact)}`;
  if (record.message !== undefined) {
    if (!hasWholeWords(record.message)) inexact.push('message');
    out += `,"message":${JSON.stringify(record.message)}`;
  }
  if (record.host !== undefined) out += `,"host":${keyword('host', record.host, inexact)}`;
  if (record.trace_id !== undefined) out += `,"trace_id":${keyword('trace_id', record.trace_id, inexact)}`;
  if (record.span_id !== undefined) out += `,"span_id":${keyword('span_id', record.span_id, inexact)}`;
  out += `,"log_id":${JSON.stringify(record.log_id)},"received_at":"${receivedText(record.receivedAt)}"`;

  const fields =
    (options.unindexed === true ? undefined : plainFields(record.fields, options, inexact)) ??
    placeFields(record.fields, options, inexact);
  out += fields.here;
  if (options.original === true) out += original(record, rest);
  if (fields.beside !== '') out += `,"${BESIDE}":{${fields.beside}}`;
  if (inexact.length > 0) out += `,"${INEXACT}":${inexactText(inexact)}`;
  // As one text: inside it Elasticsearch looks for neither names given twice nor numbers too long.
  if (fields.moved.length > 0) rest.push(`"fields":${JSON.stringify(JSON.stringify(fields.moved))}`);
  return `${out},"${REST}":{${rest.join(',')}}}`;
}

function inexactText(paths: readonly string[]): string {
  const different = [...new Set(paths)];
  return JSON.stringify(different.length > MAX_INEXACT ? ['*'] : different);
}

let lastReceived = 0n;
let lastReceivedText = formatTime(0n);

/** The time of receipt, which many events in a row share. */
function receivedText(ns: bigint): string {
  if (ns !== lastReceived) {
    lastReceivedText = formatTime(ns);
    lastReceived = ns;
  }
  return lastReceivedText;
}

interface Placed {
  /** As it goes on behind the roles: each with a comma before it. */
  readonly here: string;
  readonly beside: string;
  readonly moved: readonly Moved[];
}

const NOTHING_MOVED: readonly Moved[] = [];

/** The fields as they are, in one pass; undefined where something needs the longer way. */
function plainFields(fields: Fields, options: DocumentOptions, inexact: string[]): Placed | undefined {
  const indexer = new Indexer();
  let here = '';
  for (const name of Object.keys(fields)) {
    const value = fields[name] as FieldValue;
    const kind = kindOfName(name);
    const fits = kind === 'plain' || (kind === 'word' && (typeof value !== 'object' || value === null));
    if (!fits || RESERVED.has(name) || options.beside?.has(name) === true) return undefined;
    if (indexer.indexable(value, name, undefined) !== value || indexer.dotted) return undefined;
    here += `${memberOf(name)}${typeof value === 'string' ? JSON.stringify(value) : jsonText(value)}`;
  }
  for (const path of indexer.inexact) inexact.push(path);
  return { here, beside: '', moved: NOTHING_MOVED };
}

const MEMBERS = new Map<string, string>();
/** Senders that make up names must not fill the memory. */
const MOST_MEMBERS = 10_000;

/** A name as it stands before its value, with the comma before it. */
function memberOf(name: string): string {
  let member = MEMBERS.get(name);
  if (member === undefined) {
    if (MEMBERS.size >= MOST_MEMBERS) MEMBERS.clear();
    member = `,${JSON.stringify(name)}:`;
    MEMBERS.set(name, member);
  }
  return member;
}

function placeFields(fields: Fields, options: DocumentOptions, inexact: string[]): Placed {
  const indexer = new Indexer();
  const shapes: { readonly here: Shape; readonly beside: Shape } = { here: new Map(), beside: new Map() };
  const moved: Moved[] = [];
  let here = '';
  let beside = '';
  for (const [index, name] of Object.keys(fields).entries()) {
    const value = fields[name] as FieldValue;
    const kind = kindOfName(name);
    if (options.unindexed === true || kind === 'none' || RESERVED.has(name)) {
      moved.push([index, name, jsonText(value)]);
      inexact.push('*');
      continue;
    }
    const isBeside = kind === 'beside' || options.beside?.has(name) === true || !fitsTemplate(value, name);
    const taken = indexer.indexable(value, name, isBeside ? shapes.beside : shapes.here);
    if (taken !== value) moved.push([index, name, jsonText(value)]);
    else if (isBeside) moved.push([index, name]);
    if (taken === undefined) continue;
    const member = `${JSON.stringify(name)}:${jsonText(taken)}`;
    if (isBeside) beside += beside === '' ? member : `,${member}`;
    else here += `,${member}`;
  }
  for (const path of indexer.inexact) inexact.push(path);
  return { here, beside, moved };
}

function keyword(name: string, text: string, inexact: string[]): string {
  if (text.length > MAX_KEYWORD) inexact.push(name);
  return JSON.stringify(text);
}

function timeOf(record: LogRecord, rest: string[], inexact: string[]): string {
  const { ts, tsText } = record;
  const held = heldTime(ts);
  const isHeld = held === ts;
  if (isHeld && tsText !== undefined && PLAIN_TIME.test(tsText)) return tsText;
  rest.push(`"time":${tsText === undefined ? 'null' : JSON.stringify(tsText)}`);
  if (isHeld) return formatTime(ts);
  rest.push(`"ts":"${ts}"`);
  inexact.push('@timestamp');
  return formatTime(held);
}

function original(record: LogRecord, rest: string[]): string {
  const { raw, fields } = record;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (isUtf8(raw) && !Object.hasOwn(fields, 'event.original')) {
    rest.push('"original":true');
    return `,"event.original":${JSON.stringify(bytes.toString('utf8'))}`;
  }
  rest.push(`"original":"${bytes.toString('base64')}"`);
  return '';
}
