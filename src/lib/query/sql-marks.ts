import {
  FIRST_KEY,
  MARK_BASE,
  type MarkedColumn,
  markedColumns,
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
/** Of so many characters values are asked whether they begin or end with one: with more, most do. */
const MOST_EDGES = 12;

/**
 * Whether a text may be in a value that was taken out of the message, go from the message into one, or begin in one and
 * go on behind it. Values stand between characters of no word.
 */
export function aroundMarks(text: string, table: SegmentTable): Sql {
  const places = Array.from(text, (character, at) => ({ character, at })).filter(({ character }) =>
    /\W/.test(character),
  );
  const begins = edges(places.map(({ at }) => text.charAt(at + 1)));
  const ends = edges(places.map(({ at }) => text.charAt(at - 1)));
  if (begins.length + ends.length === 0) return inMarked(text, table);
  const marked = hasFlag('MARKS', table);
  if (text.length > LONGEST_AROUND) return marked;
  // Most messages need not be searched: their values have nothing of the text.
  const known =
    begins.length + ends.length > MOST_EDGES
      ? TRUE
      : anyOf(markedColumns(table).map(({ sql: column }) => holdsOrEdges(column, text, begins, ends)));
  return inOrder(inOrder(marked, known), anyOf([inMarked(text, table), touchesMark(text)]));
}

/** Different characters, in both cases, without those beyond an end of the text. */
function edges(characters: readonly string[]): string[] {
  return [...new Set(characters.flatMap((each) => [each.toLowerCase(), each.toUpperCase()]))].filter(
    (each) => each !== '',
  );
}

function holdsOrEdges(column: string, text: string, begins: readonly string[], ends: readonly string[]): Sql {
  const tests = [
    `contains(lower(${column}), ?)`,
    ...begins.map(() => `starts_with(${column}, ?)`),
    ...ends.map(() => `ends_with(${column}, ?)`),
  ];
  return sql(`COALESCE(${tests.join(' OR ')}, FALSE)`, text.toLowerCase(), ...begins, ...ends);
}

/** Whether a message holds a text that a mark breaks off, or that begins in a mark's value. */
function touchesMark(text: string): Sql {
  const starts: string[] = [];
  // From each place on: the text as it is, up to its end or to a value that holds the next of it.
  let tail = '';
  for (let at = text.length - 1; at >= 0; at--) {
    const mayEnd = tail !== '' && /\W/.test(text.charAt(at));
    tail = anyCase(text.charAt(at)) + (mayEnd ? `(?:\\x{6}|${tail})` : tail);
    if (at > 0 && /\W/.test(text.charAt(at))) starts.push(tail);
  }
  // Two patterns, each with its own first byte: RE2 is quick to find one, and slow where it may be any of several.
  return anyOf([
    tail.includes('\\x{6}|') ? matchesRegex(message, tail) : FALSE,
    starts.length > 0 ? matchesRegex(message, `\\x{6}.(?:${starts.join('|')})`) : FALSE,
  ]);
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
  return `replace(${text}, chr(6) || chr(${MARK_BASE + number}), COALESCE(${column}, ''))`;
}
