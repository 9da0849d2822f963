import fc from 'fast-check';
import type { CompareOp, Filter, Query, QueryClock, Scalar, Stage, Value } from '../../../src/lib/query/ast.ts';
import { fieldKind } from '../../../src/lib/query/field-kind.ts';
import { isTime } from '../../../src/lib/query/time-range.ts';
import { type FieldValue, type LogRecord, RawNumber } from '../../../src/lib/record/record.ts';
import { formatTime, HOUR_NS } from '../../../src/lib/record/time.ts';
import type { TimeRange } from '../../../src/lib/store/store.ts';
import { clause, filtersOf, stagesOver } from '../../lib/query/arbitrary-query.ts';

/** A question as an application puts it to a store. */
export interface Question {
  readonly query: Query;
  readonly range: TimeRange;
  readonly limit: number | undefined;
  readonly newestFirst: boolean;
  readonly clock: QueryClock;
}

/** Questions about some records: half of what they ask is taken from them, so that much matches and much nearly does. */
export function questionsAbout(records: readonly LogRecord[], now: bigint): fc.Arbitrary<Question> {
  const record = recordOf(records);
  const name = record.chain((each) => fc.constantFrom(...valuesOf(each).map(([path]) => path)));
  const filter = filtersOf(fc.oneof({ weight: 3, arbitrary: drawnClause(record) }, { weight: 1, arbitrary: clause }));
  const stages = stagesOver(name, filter).map((all) => all.filter(({ kind }) => kind !== 'patterns'));
  const few = fc.integer({ min: 1, max: 60 });
  return fc.record({
    query: fc.record({ filter, stages: fc.oneof(fc.constant<readonly Stage[]>([]), stages) }),
    range: rangeAround(record),
    limit: fc.oneof(fc.constant(undefined), few),
    newestFirst: fc.boolean(),
    clock: fc.constantFrom('UTC', 'UTC', 'UTC', 'Asia/Kolkata', 'America/New_York').map((zone) => ({ now, zone })),
  });
}

/** Each form of line as often as others, however many there are of it. */
function recordOf(records: readonly LogRecord[]): fc.Arbitrary<LogRecord> {
  const kinds = new Map<string, LogRecord[]>();
  for (const record of records) {
    const kind = `${record.format} ${String(record.fields['file'])}`;
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [record]);
    else known.push(record);
  }
  return fc.constantFrom(...kinds.values()).chain((kind) => fc.constantFrom(...kind));
}

/** Fields of a record with their texts, under one of the names they can be asked by. */
function valuesOf(record: LogRecord): (readonly [path: string, text: string])[] {
  const found: [string, string][] = [
    ['@timestamp', formatTime(record.ts)],
    ['received_at', formatTime(record.receivedAt)],
    ['level', record.level],
  ];
  const roles: [string, string | undefined][] = [
    ['message', record.message],
    ['msg', record.message],
    ['service', record.service],
    ['app', record.service],
    ['host', record.host],
    ['hostname', record.host],
    ['trace_id', record.trace_id],
    ['span_id', record.span_id],
  ];
  for (const [role, value] of roles) if (value !== undefined) found.push([role, value]);
  addLeaves(record.fields, '', found);
  return found;
}

function addLeaves(value: FieldValue, path: string, found: [string, string][]): void {
  if (value instanceof RawNumber) found.push([path, value.text]);
  else if (Array.isArray(value)) for (const each of value.slice(0, 5)) addLeaves(each, path, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value).slice(0, 40)) {
      // `*` is every field, and an empty name none.
      if (key !== '' && key !== '*') addLeaves(each, path === '' ? key : `${path}.${key}`, found);
    }
  } else if (path !== '') found.push([path, String(value)]);
}

/** Where what is found and what is not lie close together: ids, numbers, times, escapes, edges of words. */
const LANDMARKS = [
  /[0-9a-f]{8,}|[0-9a-f]+(?:-[0-9a-f]+){2,}/g,
  /\d+/g,
  /\d\d[:T-]\d\d/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are escaped
  /[\\"\u0000-\u001f\u007f-\uffff]/g,
  /\b(?=\w)/g,
  /(?<=\w)\b/g,
  /[A-Z]/g,
];

/** A piece of a text; around a landmark where it has one. */
function pieceOf(text: string): fc.Arbitrary<string> {
  const whole = Math.min(text.length, 60);
  const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [text];
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...words.slice(0, 200)) },
    { weight: 1, arbitrary: fc.constant(text.slice(0, whole)) },
    { weight: 4, arbitrary: fc.constantFrom(...LANDMARKS).chain((landmark) => pieceAround(text, landmark)) },
    { weight: 1, arbitrary: wordsOf(text) },
  );
}

function pieceAround(text: string, landmark: RegExp): fc.Arbitrary<string> {
  const found = [...text.matchAll(landmark)].slice(0, 200);
  if (found.length === 0) return fc.constant(text.slice(0, 12));
  const step = fc.integer({ min: -4, max: 8 });
  return fc.tuple(fc.constantFrom(...found), step, step).map(([match, before, behind]) => {
    const piece = text.slice(Math.max(0, match.index - before), match.index + match[0].length + behind);
    return piece === '' ? match[0] || text.slice(match.index, match.index + 3) : piece;
  });
}

/** Some whole words that follow each other, with what stands between them. */
function wordsOf(text: string): fc.Arbitrary<string> {
  const ends = [...text.matchAll(/[\p{L}\p{N}_]+/gu)].slice(0, 300);
  if (ends.length === 0) return fc.constant(text.slice(0, 12));
  return fc.tuple(fc.nat({ max: ends.length - 1 }), fc.integer({ min: 1, max: 6 })).map(([at, count]) => {
    const [first, last] = [ends[at], ends[Math.min(ends.length, at + count) - 1]];
    return text.slice(first?.index, (last?.index ?? 0) + (last?.[0].length ?? 0));
  });
}

const CASES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.replace(/\w/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase())),
];

function wildcardFrom(piece: string): fc.Arbitrary<string> {
  const characters = Array.from(piece);
  const escape = (text: string): string => text.replace(/[*?\\]/g, '\\$&');
  return fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: Math.max(0, characters.length - 1) })).map(([form, at]) => {
    const all = escape(piece);
    const [head, tail] = [escape(characters.slice(0, at).join('')), escape(characters.slice(at + 1).join(''))];
    const forms = [
      `*${all}*`,
      `${all}*`,
      `*${all}`,
      `${head}?${tail}`,
      `*${head}*${tail}*`,
      `*${head}?${tail}*`,
      `${head}*`,
    ];
    const pattern = forms[form] ?? `*${all}*`;
    return /^\**$/.test(pattern) ? '?*' : pattern;
  });
}

function regexFrom(piece: string, other: string): fc.Arbitrary<Value> {
  const plain = (text: string): string => Array.from(text, escapeForRegex).join('');
  const sources = [
    plain(piece),
    `(?i)${plain(piece)}`,
    `(?:${plain(piece)}|${plain(other)})`,
    piece.split(/\d+/).map(plain).join(String.raw`\d+`),
    piece
      .split(/[a-z]{3,}/)
      .map(plain)
      .join('[a-z]+'),
    `\\b${plain(piece)}\\b`,
    `^${plain(piece)}`,
    `${plain(piece)}$`,
    `${plain(piece.slice(0, 3))}.*${plain(piece.slice(-3))}`,
    `(?i:${plain(piece)})[^ ]*`,
    `(?:${plain(piece)}){1,2}`,
    `(${plain(piece.slice(0, 5))})?\\s*${plain(piece.slice(5))}`,
  ];
  return fc
    .tuple(fc.constantFrom(...sources), fc.constantFrom('', '', 'i', 's', 'm', 'is'))
    .map(([source, flags]): Value => ({ kind: 'regex', source, flags }));
}

function escapeForRegex(character: string): string {
  if (/[A-Za-z0-9_ :,;=@#%&<>~"'`!-]/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  // Half a pair is no character that RE2 could be told.
  if (code >= 0xd800 && code <= 0xdfff) return '.';
  return code < 0x20 || code > 0x7e ? `\\x{${code.toString(16)}}` : `\\${character}`;
}

/** Values that find a text, or nearly do. */
function valueFrom(text: string, other: string): fc.Arbitrary<Value> {
  const piece = fc.tuple(pieceOf(text), fc.constantFrom(...CASES)).map(([found, change]) => change(found));
  return fc.oneof(
    // An empty text has no piece, and is no word.
    piece.map((found): Value => (found === '' ? { kind: 'phrase', text: '' } : { kind: 'term', text: found })),
    piece.map((found): Value => ({ kind: 'phrase', text: found })),
    piece.chain(wildcardFrom).map((pattern): Value => ({ kind: 'wildcard', pattern })),
    piece.chain((found) => regexFrom(found, other.slice(0, 8))),
  );
}

function drawnClause(record: fc.Arbitrary<LogRecord>): fc.Arbitrary<Filter> {
  const messages = fc.tuple(record, record).chain(([one, other]): fc.Arbitrary<Filter> => {
    const [text, otherText] = [textOf(one), textOf(other)];
    return valueFrom(text, otherText).map((value): Filter => ({ kind: 'match', value }));
  });
  const fields = fc.tuple(record, record).chain(([one, other]) =>
    fc.constantFrom(...valuesOf(one)).chain(([name, text]) => {
      const otherText = valuesOf(other).find(([path]) => path === name)?.[1] ?? text;
      return fieldClause(name, text, otherText);
    }),
  );
  const anywhere = record.chain((one) =>
    fc
      .constantFrom(...valuesOf(one))
      .filter(([, text]) => text !== '')
      .map(([, text]): Filter => ({ kind: 'match', field: '*', value: { kind: 'term', text: text.slice(0, 40) } })),
  );
  return fc.oneof(
    { weight: 5, arbitrary: messages },
    { weight: 6, arbitrary: fields },
    { weight: 1, arbitrary: anywhere },
  );
}

/** Mostly the message; now and then the line as it was sent, which is no text that is searched by words. */
function textOf({ message, raw }: LogRecord): string {
  return message !== undefined && message !== '' ? message : Buffer.from(raw).toString();
}

const OPS: readonly CompareOp[] = ['>', '>=', '<', '<=', '=', '!='];

function fieldClause(name: string, text: string, other: string): fc.Arbitrary<Filter> {
  const kind = fieldKind(name);
  const scalars = kind === 'time' ? [timeScalar(text), timeScalar(other)] : [...scalarsOf(text), ...scalarsOf(other)];
  const scalar = fc.constantFrom(...scalars);
  const compare = fc
    .tuple(fc.constantFrom(...OPS), scalar)
    .map(([op, against]): Filter => ({ kind: 'compare', field: name, op, scalar: against }));
  const present = fc.constant<Value>({ kind: 'any' });
  if (kind === 'time') {
    // What is no time is refused as the value of one, wherever it stands in the events.
    if (isTime(text) && isTime(other)) return fc.oneof(compare, timeMatch(name, text));
    return present.map((value): Filter => ({ kind: 'match', field: name, value }));
  }
  const bound = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: fc.constant<'*'>('*') });
  const range = fc
    .record({ from: bound, to: bound, includeFrom: fc.boolean(), includeTo: fc.boolean() })
    .map((each): Value => ({ kind: 'range', ...each }));
  const list = fc.array(scalar, { minLength: 1, maxLength: 4 }).map((values): Value => ({ kind: 'in', values }));
  const exact = fc.constantFrom(...(text === '' ? [] : [{ kind: 'term', text } as const]), {
    kind: 'phrase',
    text,
  } as const);
  const value =
    kind === 'level' ? fc.oneof(exact, list, present) : fc.oneof(exact, valueFrom(text, other), list, range, present);
  const match = value.map((each): Filter => ({ kind: 'match', field: name, value: each }));
  return fc.oneof({ weight: 2, arbitrary: match }, { weight: 1, arbitrary: compare });
}

function scalarsOf(text: string): Scalar[] {
  const quoted: Scalar = { kind: 'text', text, quoted: true };
  const cut: Scalar = { kind: 'text', text: text.slice(0, 5), quoted: true };
  if (!/^[+-]?\d+(?:\.\d+)?$/.test(text)) return [quoted, cut];
  const next = /^-?\d{1,14}$/.test(text) ? String(Number(text) + 1) : text;
  return [text, next, `${text}${text.includes('.') ? '0' : '.0'}`]
    .map((number): Scalar => ({ kind: 'number', text: number }))
    .concat(quoted);
}

function timeScalar(text: string): Scalar {
  return { kind: 'text', text, quoted: true };
}

/** A moment, its second, minute, hour, day. */
function timeMatch(name: string, text: string): fc.Arbitrary<Filter> {
  return fc
    .constantFrom(
      ...[text, `${text.slice(0, 19)}Z`, text.slice(0, 16), text.slice(0, 13), text.slice(0, 10)].filter(isTime),
    )
    .map((moment): Filter => ({ kind: 'match', field: name, value: { kind: 'phrase', text: moment } }));
}

function rangeAround(record: fc.Arbitrary<LogRecord>): fc.Arbitrary<TimeRange> {
  const shift = fc.constantFrom(0n, 1n, -1n, 1_000_000_000n, -3_600_000_000_000n, 86_400_000_000_000n);
  const moment = fc.tuple(record, shift).map(([{ ts }, by]) => ts + by);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: record.map(({ ts }) => ({ from: ts - HOUR_NS, to: ts + HOUR_NS })) },
    { weight: 1, arbitrary: moment.map((from) => ({ from })) },
    { weight: 1, arbitrary: moment.map((to) => ({ to })) },
    {
      weight: 1,
      arbitrary: fc.tuple(moment, moment).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a })),
    },
  );
}
