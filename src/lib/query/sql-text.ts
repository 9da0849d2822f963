import type { Value } from './ast.ts';
import { isWordAt, isWordBefore } from './fold.ts';
import {
  FIRST_KEY,
  MARK_BASE,
  mayHaveFlag,
  MESSAGE_TIME_NUMBER,
  type SegmentTable,
  TEXT_NAMES,
} from './key-columns.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { AROUND, between, sharedWithValues } from './sql-around.ts';
import { hasFlag, hasNoFlag } from './sql-flags.ts';
import { aroundMarks, contains, inMarked, wholeMessage } from './sql-marks.ts';
import { allOf, anyOf, either, exactly, FALSE, inOrder, type Pair, type Sql, sql, TRUE, where } from './sql-pair.ts';
import { anyCase, lowerHolds, matchesRegex, re2Pattern } from './sql-regex.ts';
import { type Needs } from './needs.ts';
import { regexNeeds } from './regex-needs.ts';
import { literalsOf, piecesOf } from './text-match.ts';

const { flags, message, rest, lineBytes, context } = COLUMNS;

type Text = Value & { readonly kind: 'term' | 'phrase' | 'wildcard' };

/**
 * Whether the message holds words or a pattern, in any case. Where values were taken out of it, what may touch one of
 * them may match; a single word never does, for they stand between characters of no word.
 */
export function messageHolds(value: Text, table: SegmentTable): Pair {
  const isPattern = value.kind === 'wildcard';
  const text = isPattern ? value.pattern : value.text;
  if (text === '') return where(hasNoFlag('MARKS', table), exactly(sql(`COALESCE(${message} = '', FALSE)`)));
  const texts = textsIn(value);
  const run = longestRun(texts);
  const held = run === '' ? sql(`${message} IS NOT NULL`) : holdsRun(message, run);
  // Neither a mark nor a character outside ASCII is in what is looked for.
  const found = /^[\u0007-\u007f]*$/.test(text)
    ? isPattern
      ? patternIn(text, table)
      : termIn(text, table)
    : undefined;
  if (found === undefined) return { may: anyOf([held, inMarked(run, table)]), surely: FALSE };
  const { pair, literal, starts, ends, filled } = found;
  const marked = hasFlag('MARKS', table);
  if (marked === FALSE) return { may: literal ? pair.may : allOf([held, pair.may]), surely: pair.surely };
  if (!literal) {
    const rough = anyOf([held, inMarked(run, table)]);
    return {
      may: either(marked, inOrder(rough, filled.may), allOf([held, pair.may])),
      surely: either(marked, inOrder(rough, filled.surely), pair.surely),
    };
  }
  const whole = texts.join('');
  const around = aroundMarks(whole, table);
  if (around.needs !== '') {
    // It is seldom: one pass over the messages instead of one for each.
    return { may: inOrder(contains(message, around.needs), anyOf([pair.may, around.may])), surely: pair.surely };
  }
  const shared = sharedWithValues({ text: whole, starts, ends }, table, filled);
  return {
    may: anyOf([pair.may, inOrder(around.may, shared.may)]),
    surely: either(pair.surely, TRUE, inOrder(around.may, shared.surely)),
  };
}

/** As `messageHolds`, over all text fields. */
export function textsHold(value: Text, table: SegmentTable): Pair {
  const { may, surely } = messageHolds(value, table);
  return { may: anyOf([may, otherTextsMayHold(longestRun(textsIn(value)), table)]), surely };
}

function textsIn(value: Text): readonly string[] {
  return value.kind === 'wildcard' ? literalsOf(value.pattern) : [value.text];
}

/**
 * Whether a regular expression finds something in the message. What it needs is looked for first: to fill in the values
 * that were taken out of a message costs more than to search it.
 */
export function messageMatches(source: string, regexFlags: string, table: SegmentTable): Pair {
  const pattern = re2Pattern(source, regexFlags);
  const needed = meets(regexNeeds(source, regexFlags), (text) =>
    anyOf([holdsRun(message, text), inMarked(text, table)]),
  );
  if (pattern === undefined) return { may: allOf([sql(`${message} IS NOT NULL`), needed]), surely: FALSE };
  const whole = wholeMessage(table, needed === TRUE ? 'most' : 'few');
  return exactly(allOf([needed, matchesRegex(whole, pattern)]));
}

/** What is needed, as a condition, by one for each word and part of a word; TRUE for all else. */
export function meets(needs: Needs, holds: (text: string) => Sql): Sql {
  switch (needs.kind) {
    case 'and':
      return allOf(needs.parts.map((part) => meets(part, holds)));
    case 'or':
      return anyOf(needs.parts.map((part) => meets(part, holds)));
    case 'part':
    case 'word':
      return holds(needs.text);
    default:
      return TRUE;
  }
}

/** Whether a row may have text fields beside its message that a regular expression or such could be looked for in. */
export function otherTexts(table: SegmentTable): Sql {
  return otherTextsMayHold('', table);
}

/**
 * Whether a row may have text fields beside its message that hold a run of ASCII letters and digits (or any, where there
 * is none to look for).
 */
function otherTextsMayHold(run: string, table: SegmentTable): Sql {
  const inMessage = allOf([
    mayBeObject(table),
    run === '' ? TRUE : anyOf([holdsRun(message, run), escapedIn(message, table), inMarked(run, table)]),
    anyOf([named(message), escapedIn(message, table)]),
  ]);
  const inContext = allOf([hasFlag('CONTEXT_FIELDS', table), run === '' ? TRUE : lowerHolds(context, run)]);
  return anyOf([NOT_UTF8, lineMayHold(run, table), inMessage, inContext]);
}

/** Whether the message may be a JSON object, whose members are fields: it begins with a brace, or with white space. */
export function mayBeObject(table: SegmentTable): Sql {
  if (table.objects === false) return FALSE;
  return sql(
    `COALESCE((${message} >= chr(9) AND ${message} < '!') OR (${message} >= '{' AND ${message} < '|'), FALSE)`,
  );
}

/** Whether a line may have text fields beside its message that hold a run, in what was taken out of it too. */
function lineMayHold(run: string, table: SegmentTable): Sql {
  const named = namedInLine(table);
  // Where nothing is named as it stands, escapes may hide the name, and the run as well.
  if (run === '' || table.namesTexts === false) return named;
  const holds = (column: string): Sql => lowerHolds(column, run);
  return inOrder(anyOf([...valueColumns(table).map(holds), restMayHold(holds, run, table)]), named);
}

/** Whether a line may have text fields beside its message, under names that may have been taken for values. */
function namedInLine(table: SegmentTable): Sql {
  const escapes = escapedIn(rest, table);
  return table.namesTexts === false ? escapes : anyOf([named(rest), escapes, ...valueColumns(table).map(named)]);
}

function named(column: string): Sql {
  return sql(`COALESCE(${TEXT_NAMES.map((name) => `contains(${column}, '${name}')`).join(' OR ')}, FALSE)`);
}

/**
 * Whether a row may hold a text as it is somewhere: in the line, in a message that is JSON, in what its source adds.
 * Only in events that are JSON objects does every value stand in the line: other formats derive some.
 */
export function rowMayHold(text: string, table: SegmentTable): Sql {
  const run = longest(text.match(RUNS) ?? []);
  return run === '' ? TRUE : rowMayHoldSql((column) => sql(`COALESCE(contains(${column}, ?), FALSE)`, run), run, table);
}

/** As `rowMayHold`, by a condition on the text of a column that is never NULL, about a run of ASCII letters and digits. */
export function rowMayHoldSql(holds: (column: string) => Sql, run: string, table: SegmentTable): Sql {
  return anyOf([
    sql(`(${flags} & ${ROW_FLAGS.JSON}) = 0`),
    NOT_UTF8,
    restMayHold(holds, run, table),
    ...valueColumns(table).map(holds),
    holds(message),
    escapedIn(message, table),
    allOf([hasFlag('CONTEXT_FIELDS', table), holds(context)]),
  ]);
}

/** What only a text's longest run can be in a time that was taken out of the line. */
const OF_TIME = /^[0-9TZtz]+$/;

/**
 * Whether the line may hold a run beside its message and the values taken out of it: as it stands in `rest`, hidden by an
 * escape, in its time, or with the message taken out of its middle.
 */
function restMayHold(holds: (column: string) => Sql, run: string, table: SegmentTable): Sql {
  return anyOf([
    holds(rest),
    escapedIn(rest, table),
    sql(
      `COALESCE(contains(${rest}, chr(4)) AND regexp_matches(${rest}, '[0-9A-Za-z_]\\x{4}|\\x{4}[0-9A-Za-z_]'), FALSE)`,
    ),
    ...(OF_TIME.test(run) ? [sql(`COALESCE(contains(${rest}, chr(5)), FALSE)`)] : []),
  ]);
}

/** The columns whose values may be taken out of the line, as texts. */
export function valueColumns({ columns }: SegmentTable): readonly string[] {
  const keys = columns.map(({ type }, at) => (type === 'int' ? `CAST(k${at} AS VARCHAR)` : `k${at}`));
  return [COLUMNS.service, COLUMNS.host, COLUMNS.traceId, COLUMNS.spanId, ...keys];
}

/**
 * Escapes of letters, digits, of what else is in numbers, and of backslashes, which may begin an escape themselves. Many
 * programs escape but `<`, `>` and `&`, or what is not ASCII.
 */
const HIDING = String.raw`\\(?:u00(?:2[bdeBDE]|3[0-9]|[4-7])|U)`;

/** Whether escapes may hide letters and digits. Without a backslash in a line none comes into its message. */
export function escapedIn(column: typeof rest | typeof message, table: SegmentTable): Sql {
  const may = hasFlag(column === rest ? 'UNICODE_ESCAPE' : 'BACKSLASH', table);
  return inOrder(may, matchesRegex(column, HIDING));
}

/** The line itself is bytes, which SQL does not look into; `rest` is NULL in just these rows. */
export const NOT_UTF8 = sql(`${lineBytes} IS NOT NULL`);

/** In texts that are all different RE2 with both cases of each letter takes half the time of lower-casing. */
function holdsRun(column: string, run: string): Sql {
  return matchesRegex(column, anyCase(run));
}

/** A match, and whether it is one piece of text: several may have a mark between them that reads like the next piece. */
interface Found {
  readonly pair: Pair;
  readonly literal: boolean;
  /** Whether a word begins or ends at its ends. */
  readonly starts: boolean;
  readonly ends: boolean;
  /** In a marked message with the values that were taken out of it: each of them costs a pass. */
  readonly filled: Pair;
}

function termIn(text: string, table: SegmentTable): Found {
  return found([text], isWordAt(text, 0), isWordBefore(text, text.length), table);
}

function patternIn(pattern: string, table: SegmentTable): Found | undefined {
  const pieces = piecesOf(pattern);
  const [first = []] = pieces;
  const last = pieces.at(-1) ?? [];
  // An unknown character at the edge may be of a word or not.
  if (pieces.some((piece) => piece.includes(undefined))) return undefined;
  // A star at an end says nothing: it only frees that edge.
  const texts = pieces.map((piece) => piece.join('')).filter((piece) => piece !== '');
  const starts = first.length > 0 && isWordAt(first.join(''), 0);
  const lastText = last.join('');
  const ends = last.length > 0 && isWordBefore(lastText, lastText.length);
  return found(texts, starts, ends, table);
}

function found(texts: readonly string[], starts: boolean, ends: boolean, table: SegmentTable): Found {
  const body = texts.map(anyCase).join(ANYTHING);
  const whole = wholeMessage(table, texts.length === 1 ? 'few' : 'most');
  const filled = (around: string): Sql => matchesRegex(whole, between(body, { starts, ends }, around));
  return {
    pair: bounded(texts, starts, ends, table),
    literal: texts.length === 1,
    starts,
    ends,
    filled: { may: filled(AROUND.may), surely: filled(AROUND.surely) },
  };
}

const ANYTHING = '(?s:.*)';

/** Texts one behind the other, the first not at a mark's second byte; in other columns no such byte is a text's first. */
function bounded(texts: readonly string[], starts: boolean, ends: boolean, table: SegmentTable): Pair {
  const [first = ''] = texts;
  const isFree = !mayHaveFlag(table, ROW_FLAGS.MARKS) || !mayBeMark(first.charAt(0), table);
  if (!starts && !ends && isFree && texts.length === 1 && first.replaceAll(/[^A-Za-z]/g, '').length <= MOST_LETTERS) {
    return exactly(containsAnyCase(message, first));
  }
  const body = texts.map(anyCase).join(ANYTHING);
  const noMark = isFree ? '' : '(?:\\A|[^\\x{6}])';
  if (!starts && !ends) {
    const found = matchesRegex(message, body);
    return exactly(isFree ? found : either(hasFlag('MARKS', table), matchesRegex(message, noMark + body), found));
  }
  const condition = (around: string, free: string): Sql =>
    matchesRegex(message, between(body, { starts, ends }, around, free));
  // RE2 is slow where a class comes first: only what has the text at all is looked at so.
  const held = matchesRegex(message, body);
  return { may: inOrder(held, condition(AROUND.may, '')), surely: inOrder(held, condition(AROUND.surely, noMark)) };
}

/** Whether a mark may have a character, in some case, for its second byte. */
function mayBeMark(character: string, { columns, marked }: SegmentTable): boolean {
  return [character.toLowerCase(), character.toUpperCase()].some((each) => {
    const index = each.charCodeAt(0) - MARK_BASE;
    if (index === MESSAGE_TIME_NUMBER) return marked?.includes(index) === true;
    return index >= 0 && index < FIRST_KEY + columns.length && marked?.includes(index) !== false;
  });
}

/** So many letters are looked for in all of their spellings: each is a search of its own, but a third of one by RE2. */
const MOST_LETTERS = 2;

/**
 * A text of few letters. What it has from a character on that is seldom in logs is looked for first: DuckDB goes to the
 * first such place in one leap, and then on byte by byte.
 */
function containsAnyCase(column: string, text: string): Sql {
  const seldom = FREQUENT.test(text.charAt(0)) ? text.search(SELDOM) : 0;
  const whole = containsSpelled(column, text);
  return seldom > 0 ? inOrder(containsSpelled(column, text.slice(seldom)), whole) : whole;
}

const FREQUENT = /[a-z0-9 .,:"/=_-]/i;
const SELDOM = /[^a-z0-9 .,:"/=_-]/i;

function containsSpelled(column: string, text: string): Sql {
  let spellings = [''];
  for (const character of text) {
    const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    spellings = spellings.flatMap((before) => cases.map((each) => before + each));
  }
  const found = spellings.map(() => `contains(${column}, ?)`).join(' OR ');
  return sql(`COALESCE(${found}, FALSE)`, ...spellings);
}

const RUNS = /[A-Za-z0-9]+/g;

/** Of ASCII letters and digits, in lower case; empty where there is none. */
export function longestRun(texts: readonly string[]): string {
  return longest(texts.flatMap((text) => text.match(RUNS) ?? [])).toLowerCase();
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), '');
}
