import { FIRST_KEY, type MarkedColumn, markedColumns, markSql, mayHaveFlag, type SegmentTable } from './key-columns.ts';
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

/**
 * Whether a text may be in a value that was taken out of the message, go from the message into one, or begin in one and
 * go on behind it. Values stand between characters of no word.
 */
export function aroundMarks(text: string, table: SegmentTable): Sql {
  const edges = Array.from(text.matchAll(/\W/g), ({ index }) => index);
  if (edges.length === 0) return inMarked(text, table);
  const marked = hasFlag('MARKS', table);
  if (text.length > LONGEST_AROUND) return marked;
  const columns = markedColumns(table).map((column) => column.sql);
  const ends = bothCases(edges.map((at) => text.charAt(at - 1)));
  const { into, outOf } = patternsAround(text);
  // Most messages need not be searched: their values neither begin nor end with what the text has there.
  return inOrder(
    marked,
    anyOf([
      ...columns.map((column) => inOrder(contains(column, text.charAt(edges[0] ?? 0)), lowerHolds(column, text))),
      inOrder(mayGoInto(text, edges, columns), matchesRegex(message, into)),
      inOrder(anyOf(columns.map((column) => endsWith(column, ends))), matchesRegex(message, outOf)),
    ]),
  );
}

/** Whether a value begins with what the text has behind an edge; and the message, where they are few, a mark behind that edge. */
function mayGoInto(text: string, edges: readonly number[], columns: readonly string[]): Sql {
  const begins = (characters: readonly string[]): Sql =>
    anyOf(columns.map((column) => beginsWith(column, bothCases(characters))));
  const anywhere = begins(edges.map((at) => text.charAt(at + 1)));
  if (edges.length > MOST_EDGES) return anywhere;
  const seams = new Map<string, Set<string>>();
  for (const at of edges) {
    const next = text.charAt(at + 1).toLowerCase();
    const seam = `${tailOf(text.slice(0, at + 1))}${MARK}`;
    if (next !== '') seams.set(next, (seams.get(next) ?? new Set()).add(seam));
  }
  const somewhere = Array.from(seams, ([next, all]) =>
    inOrder(begins([next]), anyOf([...all].map((seam) => contains(message, seam)))),
  );
  return seams.size > 1 ? inOrder(anywhere, anyOf(somewhere)) : anyOf(somewhere);
}

/** What a text ends with that is the same in any case; from the last of it on that is seldom in logs, which is found soonest. */
function tailOf(text: string): string {
  const tail = /[^A-Za-z]*$/.exec(text)?.[0] ?? '';
  return tail.slice(Math.max(0, tail.search(/[^0-9 .,:"/=_-][0-9 .,:"/=_-]*$/)));
}

/** Different characters, in both cases, without those beyond an end of the text. */
function bothCases(characters: readonly string[]): string[] {
  const all = new Set(characters.flatMap((each) => [each.toLowerCase(), each.toUpperCase()]));
  return [...all].filter((each) => each !== '');
}

function beginsWith(column: string, characters: readonly string[]): Sql {
  if (characters.length === 0) return FALSE;
  if (characters.length > MOST_EDGES) return TRUE;
  return sql(`COALESCE(ascii(${column}) IN (${characters.map((each) => each.charCodeAt(0)).join(', ')}), FALSE)`);
}

function endsWith(column: string, characters: readonly string[]): Sql {
  if (characters.length === 0) return FALSE;
  if (characters.length > MOST_EDGES) return TRUE;
  return sql(`COALESCE(${characters.map(() => `ends_with(${column}, ?)`).join(' OR ')}, FALSE)`, ...characters);
}

function contains(column: string, text: string): Sql {
  return sql(`COALESCE(contains(${column}, ?), FALSE)`, text);
}

/**
 * What a message has where a text goes into a value, and where it comes out of one. Two patterns, each with its own first
 * byte: RE2 is quick to find one, and slow where it may be any of several.
 */
function patternsAround(text: string): { readonly into: string; readonly outOf: string } {
  const starts: string[] = [];
  // From each place on: the text as it is, up to its end or to a value that holds the next of it.
  let tail = '';
  for (let at = text.length - 1; at >= 0; at--) {
    const mayEnd = tail !== '' && /\W/.test(text.charAt(at));
    tail = anyCase(text.charAt(at)) + (mayEnd ? `(?:\\x{6}|${tail})` : tail);
    if (at > 0 && /\W/.test(text.charAt(at))) starts.push(tail);
  }
  return { into: tail, outOf: `\\x{6}.(?:${starts.join('|')})` };
}

/** Whether a value that may have been taken out of a marked message holds a text of ASCII, in any case. */
export function inMarked(text: string, table: SegmentTable): Sql {
  const marked = hasFlag('MARKS', table);
  if (text === '' || marked === FALSE) return marked;
  return allOf([marked, anyOf(markedColumns(table).map(({ sql: column }) => lowerHolds(column, text)))]);
}

/** The message with the values that were taken out of it; mostly those are ids alone, and each costs a pass. */
export function wholeMessage(table: SegmentTable): string {
  if (!mayHaveFlag(table, ROW_FLAGS.MARKS)) return message;
  const columns = markedColumns(table);
  const ids = columns.filter(({ number }) => number < FIRST_KEY).reduce(filled, message);
  const all = columns.filter(({ number }) => number >= FIRST_KEY).reduce(filled, ids);
  const marked = all === ids ? ids : `CASE WHEN regexp_matches(${message}, '\\x{6}[^"#]') THEN ${all} ELSE ${ids} END`;
  return `CASE WHEN ${hasFlag('MARKS', table).text} THEN ${marked} ELSE ${message} END`;
}

function filled(text: string, { sql: column, number }: MarkedColumn): string {
  return `replace(${text}, ${markSql(number)}, COALESCE(${column}, ''))`;
}
