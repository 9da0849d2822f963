import { MARK_BASE, type MarkedColumn, markedColumns, type SegmentTable } from './key-columns.ts';
import { COLUMNS } from './sql-columns.ts';
import { mayBeginBehind, mayHold, seamsOf, textUpTo } from './sql-marks.ts';
import { either, FALSE, inOrder, type Pair, type Sql, TRUE } from './sql-pair.ts';
import { anyCase, literal, matchesRegex } from './sql-regex.ts';

/*
 * Texts in messages that values were taken out of: whether they are there, and surely.
 */

/** Before and behind a word: what may be no character of one, and what surely is none. */
export const AROUND = {
  /** No word character, of whatever script. */
  may: '[^0-9A-Za-z_]',
  /** ASCII, and not what begins a mark. */
  surely: '[\\x{0}-\\x{5}\\x{7}-/:-@[-\\x{5e}`{-\\x{7f}]',
} as const;

/** A text of ASCII without what begins a mark, and whether a word begins or ends at its ends. */
export interface BoundedText {
  readonly text: string;
  readonly starts: boolean;
  readonly ends: boolean;
}

/** What stands before and behind a text, or its ends, where it is bounded there. */
export function between(body: string, { starts, ends }: Omit<BoundedText, 'text'>, around: string, free = ''): string {
  return `${starts ? `(?:\\A|${around})` : free}${body}${ends ? `(?:\\z|${around})` : ''}`;
}

/** Texts with more places where a value may begin or end are looked for in whole messages. */
const MOST_SEAMS = 8;

/**
 * Whether marked messages hold a text that is not in what is left of them alone: it is in a value, in the message and one
 * value, or in more of them. `filled`: whether it is in the whole message, which costs a pass for each column.
 */
export function sharedWithValues(text: BoundedText, table: SegmentTable, filled: Pair): Pair {
  const columns = markedColumns(table);
  const { into, outOf } = seamsOf(text.text, columns);
  const isMany = into.length + outOf.length > MOST_SEAMS;
  const through = isMany ? TRUE : sharedWithSeveral(text.text, into, outOf);
  const shared = (around: string, whole: Sql): Sql =>
    firstOf([
      ...columns.map((column) => inside(text, column, around)),
      ...(isMany ? [] : into.map((at) => goingInto(text, at, columns, around))),
      ...(isMany ? [] : outOf.map((at) => comingOutOf(text, at, columns, around))),
      ...(into.length + outOf.length === 0 ? [] : [inOrder(through, whole)]),
    ]);
  const surely = shared(AROUND.surely, filled.surely);
  return { surely, may: text.starts || text.ends ? shared(AROUND.may, filled.may) : surely };
}

/** Whether one of some holds, each asked only where none before it does. */
function firstOf(ways: readonly Sql[]): Sql {
  return ways.reduceRight((others, way) => (way === FALSE ? others : either(way, TRUE, others)), FALSE);
}

function markOf({ number }: MarkedColumn): string {
  return `\\x{6}${literal(String.fromCharCode(MARK_BASE + number))}`;
}

/** All of it is in a value. */
function inside(text: BoundedText, column: MarkedColumn, around: string): Sql {
  if (!mayHold(column, text.text)) return FALSE;
  return inOrder(
    matchesRegex(column.sql, between(anyCase(text.text), text, around)),
    matchesRegex(COLUMNS.message, between(markOf(column), text, around)),
  );
}

/** What is behind an edge is the beginning of a value, the edge and what is before it in the message. */
function goingInto(
  { text, starts, ends }: BoundedText,
  edge: number,
  columns: readonly MarkedColumn[],
  around: string,
): Sql {
  const value = text.slice(edge + 1);
  const before = anyCase(text.slice(0, edge + 1));
  // The second byte of another mark is no text.
  const inMessage = (mark: string): Sql =>
    matchesRegex(COLUMNS.message, between(before + mark, { starts, ends }, around, '(?:\\A|[^\\x{6}])'));
  const ways = columns
    .filter((column) => mayHold(column, value) && mayBeginBehind(text, edge, column))
    .map((column) =>
      inOrder(
        matchesRegex(column.sql, `\\A${between(anyCase(value), { starts: false, ends }, around)}`),
        inMessage(markOf(column)),
      ),
    );
  return inOrder(matchesRegex(COLUMNS.message, `${before}\\x{6}`), firstOf(ways));
}

/** What is before an edge is the end of a value, the edge and what is behind it in the message. */
function comingOutOf(
  { text, starts, ends }: BoundedText,
  edge: number,
  columns: readonly MarkedColumn[],
  around: string,
): Sql {
  const value = text.slice(0, edge);
  const behind = anyCase(text.slice(edge));
  const ways = columns
    .filter((column) => mayHold(column, value))
    .map((column) =>
      inOrder(
        matchesRegex(column.sql, `${between(anyCase(value), { starts, ends: false }, around)}\\z`),
        matchesRegex(COLUMNS.message, between(markOf(column) + behind, { starts, ends }, around)),
      ),
    );
  return inOrder(matchesRegex(COLUMNS.message, `\\x{6}.${behind}`), firstOf(ways));
}

/** What a message has that shares a text with two values, or with one in the text's middle. */
function sharedWithSeveral(text: string, into: readonly number[], outOf: readonly number[]): Sql {
  const toEnd = textUpTo(text, into, '');
  const toMark = textUpTo(text, into, undefined);
  let around: string | undefined;
  for (let at = text.length - 1; at >= 0; at--) {
    const behind = into.includes(at) ? outOf.filter((edge) => edge > at).flatMap((edge) => toEnd[edge] ?? []) : [];
    const ways = behind.length === 0 ? [] : [`\\x{6}.(?:${behind.join('|')})`];
    if (around !== undefined) ways.push(around);
    around = ways.length === 0 ? undefined : `${anyCase(text.charAt(at))}(?:${ways.join('|')})`;
  }
  const betweenTwo = outOf.flatMap((edge) => toMark[edge] ?? []);
  const ways = [
    ...(around === undefined ? [] : [around]),
    ...(betweenTwo.length === 0 ? [] : [`\\x{6}.(?:${betweenTwo.join('|')})`]),
  ];
  return ways.length === 0 ? FALSE : matchesRegex(COLUMNS.message, ways.join('|'));
}
