import {
  FIRST_KEY,
  hasMessageTimes,
  MARK_BASE,
  type MarkedColumn,
  markedColumns,
  markSql,
  mayHaveFlag,
  type SegmentTable,
} from './key-columns.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { hasFlag } from './sql-flags.ts';
import { allOf, anyOf, FALSE, inOrder, type Sql, sql, TRUE } from './sql-pair.ts';
import { anyCase, lowerHolds, matchesRegex } from './sql-regex.ts';

/*
 * Messages that ids and other long values were taken out of, which stand in columns of their own; a mark in the message
 * says of which.
 */

const { message } = COLUMNS;

/** Longer texts are not looked for around marks: their pattern nests as deep as they are long. */
const LONGEST_AROUND = 200;
/** Values are asked whether they begin or end with one of so many characters: with one of more, most do. */
const MOST_EDGES = 12;
const MARK = '\u0006';

/** A text that may be in part in values which were taken out of the message. */
export interface AroundMarks {
  readonly may: Sql;
  /** What the message itself has, byte for byte, wherever that may be so; empty where that is nothing to look for. */
  readonly needs: string;
}

/**
 * Whether a text may be in a value that was taken out of the message, go from the message into one, or begin in one and
 * go on behind it. Values stand between characters of no word.
 */
export function aroundMarks(text: string, table: SegmentTable): AroundMarks {
  const edges = edgesOf(text);
  if (edges.length === 0) return { may: inMarked(text, table), needs: '' };
  const marked = hasFlag('MARKS', table);
  if (text.length > LONGEST_AROUND) return { may: marked, needs: '' };
  const columns = markedColumns(table);
  const { into, outOf } = seamsOf(text, columns);
  const inside = columns.filter((column) => mayHold(column, text)).map((column) => column.sql);
  // Most messages need not be searched: their values neither begin nor end with what the text has there.
  const may = inOrder(
    marked,
    anyOf([
      ...inside.map((column) => inOrder(contains(column, text.charAt(edges[0] ?? 0)), lowerHolds(column, text))),
      inOrder(mayGoInto(text, into, columns), matchesRegex(message, textUpTo(text, into, '')[0] ?? '')),
      inOrder(mayComeOutOf(text, outOf, columns), matchesRegex(message, textBehind(text, into, outOf))),
    ]),
  );
  const before = text.slice(0, Math.min(...into) + 1);
  return { may, needs: inside.length === 0 && outOf.length === 0 && into.length > 0 ? seldomIn(before) : '' };
}

function edgesOf(text: string): number[] {
  return Array.from(text.matchAll(/\W/g), ({ index }) => index);
}

/** Characters of a text that a value may begin behind, and those that one may end before. */
export function seamsOf(
  text: string,
  columns: readonly MarkedColumn[],
): { readonly into: readonly number[]; readonly outOf: readonly number[] } {
  const edges = edgesOf(text);
  return {
    into: edges.filter((at) => columns.some((column) => mayBeginBehind(text, at, column))),
    outOf: edges.filter((at) => columns.some((column) => mayEndBefore(text, at, column))),
  };
}

/** Whether a value may begin behind an edge of a text: it has all of the word there, for no word goes on from one. */
export function mayBeginBehind(text: string, edge: number, column: MarkedColumn): boolean {
  if (column.first === true && text.slice(0, edge + 1) !== '[') return false;
  return mayHold(column, /^(?:\w+|\W)/.exec(text.slice(edge + 1))?.[0] ?? '');
}

/** Whether a value may end before an edge of a text. */
function mayEndBefore(text: string, edge: number, column: MarkedColumn): boolean {
  return mayHold(column, /(?:\w+|\W)$/.exec(text.slice(0, edge))?.[0] ?? '');
}

/** Whether values of a column may hold a text that is not empty, in any case. */
export function mayHold({ only }: MarkedColumn, text: string): boolean {
  return text !== '' && only?.test(text) !== false;
}

/** Whether the message has a mark behind an edge, and where that says little, whether a value begins with what follows. */
function mayGoInto(text: string, edges: readonly number[], columns: readonly MarkedColumn[]): Sql {
  const some = columns.filter((column) => edges.some((at) => mayBeginBehind(text, at, column)));
  const begins = (characters: readonly string[]): Sql =>
    anyOf(some.map((column) => beginsWith(column, bothCases(characters))));
  const anywhere = begins(edges.map((at) => text.charAt(at + 1)));
  if (edges.length > MOST_EDGES) return anywhere;
  const seams = new Map<string, Set<string>>();
  for (const at of edges) {
    const next = text.charAt(at + 1).toLowerCase();
    seams.set(next, (seams.get(next) ?? new Set()).add(tailOf(text.slice(0, at + 1))));
  }
  const somewhere = Array.from(seams, ([next, tails]) => {
    const isThere = anyOf([...tails].map((tail) => contains(message, `${tail}${MARK}`)));
    // To ask what values begin with is to read their columns.
    return { isSeldom: [...tails].every((tail) => SELDOM.test(tail)), isThere, begins: begins([next]) };
  });
  const all = anyOf(somewhere.map((at) => (at.isSeldom ? at.isThere : inOrder(at.begins, at.isThere))));
  return seams.size > 1 && !somewhere.some(({ isSeldom }) => isSeldom) ? inOrder(anywhere, all) : all;
}

/** Whether a value ends with what the text has before an edge. */
function mayComeOutOf(text: string, edges: readonly number[], columns: readonly MarkedColumn[]): Sql {
  const some = columns.filter((column) => edges.some((at) => mayEndBefore(text, at, column)));
  const ends = bothCases(edges.map((at) => text.charAt(at - 1)));
  return anyOf(some.map((column) => endsWith(column, ends)));
}

/** What a text ends with that is the same in any case; from the last of it on that is seldom in logs, which is found soonest. */
function tailOf(text: string): string {
  const tail = /[^A-Za-z]*$/.exec(text)?.[0] ?? '';
  return tail.slice(Math.max(0, tail.search(/[^0-9 .,:"/=_-][0-9 .,:"/=_-]*$/)));
}

const SELDOM = /[^0-9 .,:"/=_-]/;

/** The longest part of a text that is the same in any case and begins with what is seldom in logs. */
function seldomIn(text: string): string {
  const parts = (text.match(/[^A-Za-z]+/g) ?? []).flatMap((part) => {
    const at = part.search(SELDOM);
    return at === -1 ? [] : [part.slice(at)];
  });
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** Different characters, in both cases, without those beyond an end of the text. */
function bothCases(characters: readonly string[]): string[] {
  const all = new Set(characters.flatMap((each) => [each.toLowerCase(), each.toUpperCase()]));
  return [...all].filter((each) => each !== '');
}

function beginsWith(column: MarkedColumn, all: readonly string[]): Sql {
  const characters = all.filter((each) => mayHold(column, each));
  if (characters.length === 0) return FALSE;
  if (characters.length > MOST_EDGES) return TRUE;
  return sql(`COALESCE(ascii(${column.sql}) IN (${characters.map((each) => each.charCodeAt(0)).join(', ')}), FALSE)`);
}

function endsWith(column: MarkedColumn, all: readonly string[]): Sql {
  const characters = all.filter((each) => mayHold(column, each));
  if (characters.length === 0) return FALSE;
  if (characters.length > MOST_EDGES) return TRUE;
  return sql(`COALESCE(${characters.map(() => `ends_with(${column.sql}, ?)`).join(' OR ')}, FALSE)`, ...characters);
}

/** Whether a column has a text, byte for byte. */
export function contains(column: string, text: string): Sql {
  return sql(`COALESCE(contains(${column}, ?), FALSE)`, text);
}

/*
 * What a message has where a text goes into a value, and where it comes out of one: two patterns, each with its own first
 * byte. RE2 is quick to find one, and slow where it may be any of several.
 */

/**
 * From each place on: the text as it is, up to a value, behind one of the edges, that holds the next of it, or up to its
 * end, where `atEnd` comes (undefined: it is not to come to its end). Undefined where that cannot be.
 */
export function textUpTo(text: string, into: readonly number[], atEnd: string | undefined): (string | undefined)[] {
  const tails: (string | undefined)[] = [];
  let tail = atEnd;
  for (let at = text.length - 1; at >= 0; at--) {
    const mark = into.includes(at) ? '\\x{6}' : undefined;
    const next = mark === undefined || tail === undefined ? (mark ?? tail) : `(?:${mark}|${tail})`;
    tail = next === undefined ? undefined : anyCase(text.charAt(at)) + next;
    tails[at] = tail;
  }
  return tails;
}

/** A mark, and behind it the text from an edge on. */
function textBehind(text: string, into: readonly number[], outOf: readonly number[]): string {
  const tails = textUpTo(text, into, '');
  return `\\x{6}.(?:${outOf
    .toReversed()
    .map((at) => tails[at] ?? '')
    .join('|')})`;
}

/** Whether a value that may have been taken out of a marked message holds a text of ASCII, in any case. */
export function inMarked(text: string, table: SegmentTable): Sql {
  const marked = hasFlag('MARKS', table);
  if (text === '' || marked === FALSE) return marked;
  const columns = markedColumns(table).filter((column) => mayHold(column, text));
  return allOf([marked, anyOf(columns.map((column) => lowerHolds(column.sql, text)))]);
}

/**
 * The message with the values that were taken out of it; each costs a pass. `asked`: of most rows, or of few behind other
 * conditions.
 */
export function wholeMessage(table: SegmentTable, asked: 'most' | 'few'): string {
  if (!mayHaveFlag(table, ROW_FLAGS.MARKS)) return message;
  const columns = markedColumns(table);
  // Without the times that they begin with, messages are alike.
  const filled = asked === 'most' && hasMessageTimes(table) ? fromParts(columns) : byReplacing(columns);
  return `CASE WHEN ${hasFlag('MARKS', table).text} THEN ${filled} ELSE ${message} END`;
}

/** Mostly ids alone were taken out. */
function byReplacing(columns: readonly MarkedColumn[]): string {
  const ids = columns.filter(({ number }) => number < FIRST_KEY).reduce(replaced, message);
  const all = columns.filter(({ number }) => number >= FIRST_KEY).reduce(replaced, ids);
  return all === ids ? ids : `CASE WHEN regexp_matches(${message}, '\\x{6}[^"#]') THEN ${all} ELSE ${ids} END`;
}

/** More marks in a message are filled by replacing. */
const MOST_MARKS = 6;

/**
 * From what a message has between its marks, which DuckDB finds once in all that are the same: a third of the time. Where all
 * are different it takes a little longer.
 */
function fromParts(columns: readonly MarkedColumn[]): string {
  const marks = Math.min(columns.length, MOST_MARKS);
  const value = (part: string): string =>
    `CASE ascii(${part}) ${columns.map(({ sql, number }) => `WHEN ${MARK_BASE + number} THEN ${sql} `).join('')}END`;
  const pieces = Array.from({ length: marks }, (_, at) => partOf(at + 2)).flatMap((part) => [
    value(part),
    `substr(${part}, 2)`,
  ]);
  const filled = `concat(${[partOf(1), ...pieces].join(', ')})`;
  return `CASE WHEN ${partOf(marks + 2)} = '' THEN ${filled} ELSE ${byReplacing(columns)} END`;
}

/** A part of the message, from 1 on; behind a mark it begins with the mark's second byte, and one that is not there is empty. */
function partOf(number: number): string {
  return `split_part(${message}, chr(6), ${number})`;
}

function replaced(text: string, { sql: column, number }: MarkedColumn): string {
  return `replace(${text}, ${markSql(number)}, COALESCE(${column}, ''))`;
}
