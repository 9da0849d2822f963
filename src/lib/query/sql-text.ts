import type { Value } from './ast.ts';
import { isWordAt, isWordBefore } from './fold.ts';
import { markedColumns, mayHaveFlag, type SegmentTable, TEXT_NAMES } from './key-columns.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { hasFlag, hasNoFlag } from './sql-flags.ts';
import { exactly, FALSE, intersection, type Pair, type Sql, sql, TRUE, union, where } from './sql-pair.ts';
import { anyCase, matchesRegex, re2Pattern } from './sql-regex.ts';
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
  const { may, surely, inside } = inMessageText(value, table);
  return { may: anyOf([may, inMarked(inside, table)]), surely };
}

/** As `messageHolds`, over all text fields. */
export function textsHold(value: Text, table: SegmentTable): Pair {
  const { may, surely, inside, run } = inMessageText(value, table);
  const inValues = run === '' ? FALSE : anyOf(valueColumns(table).map((column) => lowerHolds(column, run)));
  return {
    may: anyOf([may, inMarked(inside, table), inOrder(inValues, namedInLine(table)), otherTextsMayHold(run, table)]),
    surely,
  };
}

interface InMessageText extends Pair {
  /** The longest run of ASCII letters and digits that is looked for. */
  readonly run: string;
  /** What a value taken out of the message holds where all that is looked for is in it. */
  readonly inside: string;
}

/** In the text that the message column has; what is in the values taken out of it is not looked at. */
function inMessageText(value: Text, table: SegmentTable): InMessageText {
  const isPattern = value.kind === 'wildcard';
  const text = isPattern ? value.pattern : value.text;
  const texts = isPattern ? literalsOf(text) : [text];
  const run = longestRun(texts);
  if (text === '') {
    const { may, surely } = where(hasNoFlag('MARKS', table), exactly(sql(`COALESCE(${message} = '', FALSE)`)));
    return { may, surely, run, inside: run };
  }
  const held = run === '' ? sql(`${message} IS NOT NULL`) : holdsRun(message, run);
  // Neither a mark nor a character outside ASCII is in what is looked for.
  const found = /^[\u0007-\u007f]*$/.test(text)
    ? isPattern
      ? patternIn(text, table)
      : termIn(text, table)
    : undefined;
  if (found === undefined) return { may: held, surely: FALSE, run, inside: run };
  const { pair, literal } = found;
  // A run that may stand anywhere is its own condition: each is a pass over all messages.
  const isRun = literal && pair.may === pair.surely && texts.join('').toLowerCase() === run;
  const inText = anyOf([pair.may, inOrder(hasFlag('MARKS', table), literal ? touchesMark(texts.join('')) : TRUE)]);
  return {
    may: isRun ? inText : allOf([literal ? TRUE : held, inText]),
    surely: allOf([pair.surely, literal ? TRUE : hasNoFlag('MARKS', table)]),
    run,
    inside: literal ? texts.join('') : run,
  };
}

/** Longer texts are not looked for around marks: their pattern nests as deep as they are long. */
const LONGEST_AROUND = 200;

/**
 * Whether a text may go from the message into a value that was taken out of it, or begin in one and go on behind it.
 * Values stand between characters of no word.
 */
function touchesMark(text: string): Sql {
  if (text.length > LONGEST_AROUND) return TRUE;
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

/**
 * Whether a regular expression finds something in the message. What it needs is looked for first: to fill in the values
 * that were taken out of a message costs more than to search it.
 */
export function messageMatches(source: string, regexFlags: string, table: SegmentTable): Pair {
  const pattern = re2Pattern(source, regexFlags);
  const needed = neededInMessage(regexNeeds(source, regexFlags), table);
  if (pattern === undefined) return { may: allOf([sql(`${message} IS NOT NULL`), needed]), surely: FALSE };
  return exactly(allOf([needed, matchesRegex(wholeMessage(table), pattern)]));
}

function neededInMessage(needs: Needs, table: SegmentTable): Sql {
  switch (needs.kind) {
    case 'and':
      return allOf(needs.parts.map((part) => neededInMessage(part, table)));
    case 'or':
      return anyOf(needs.parts.map((part) => neededInMessage(part, table)));
    case 'part':
    case 'word':
      return anyOf([holdsRun(message, needs.text), inMarked(needs.text, table)]);
    default:
      return TRUE;
  }
}

/** The message with the values that were taken out of it; mostly those are ids alone, and each costs a pass. */
function wholeMessage(table: SegmentTable): string {
  if (!mayHaveFlag(table, ROW_FLAGS.MARKS)) return message;
  const [trace, span, ...keys] = markedColumns(table);
  const ids = filled(filled(message, trace ?? '', 2), span ?? '', 3);
  const all = keys.reduce((text, column) => filled(text, column, Number(column.slice(1)) + 4), ids);
  const marked =
    keys.length === 0 ? ids : `CASE WHEN regexp_matches(${message}, '\\x{6}[^"#]') THEN ${all} ELSE ${ids} END`;
  return `CASE WHEN ${hasFlag('MARKS', table).text} THEN ${marked} ELSE ${message} END`;
}

function filled(text: string, column: string, index: number): string {
  return `replace(${text}, chr(6) || chr(${0x20 + index}), COALESCE(${column}, ''))`;
}

/** Whether a row may have text fields beside its message that a regular expression or such could be looked for in. */
export function otherTexts(table: SegmentTable): Sql {
  return otherTextsMayHold('', table);
}

/**
 * Whether a row may have text fields beside its message that hold a run of ASCII letters and digits (or any, where there
 * is none to look for). Those with the run in a value that was taken out of the line are left to the caller.
 */
function otherTextsMayHold(run: string, table: SegmentTable): Sql {
  const inRest =
    run === ''
      ? namedInLine(table)
      : inOrder(
          restMayHold((column) => lowerHolds(column, run), run, table),
          namedInLine(table),
        );
  const inMessage = allOf([
    sql(`COALESCE(starts_with(${message}, '{') OR ${message} < '!', FALSE)`),
    run === '' ? TRUE : anyOf([holdsRun(message, run), escapedIn(message, table), inMarked(run, table)]),
    anyOf([named(message), escapedIn(message, table)]),
  ]);
  const inContext = allOf([hasFlag('CONTEXT_FIELDS', table), run === '' ? TRUE : lowerHolds(context, run)]);
  return anyOf([NOT_UTF8, inRest, inMessage, inContext]);
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
function valueColumns({ columns }: SegmentTable): readonly string[] {
  const keys = columns.map(({ type }, at) => (type === 'int' ? `CAST(k${at} AS VARCHAR)` : `k${at}`));
  return [COLUMNS.service, COLUMNS.host, COLUMNS.traceId, COLUMNS.spanId, ...keys];
}

/** Whether escapes may hide letters and digits. Without a backslash in a line none comes into its message. */
function escapedIn(column: typeof rest | typeof message, table: SegmentTable): Sql {
  if (!mayHaveFlag(table, column === rest ? ROW_FLAGS.UNICODE_ESCAPE : ROW_FLAGS.BACKSLASH)) return FALSE;
  return sql(`COALESCE(contains(${column}, '\\u') OR contains(${column}, '\\U'), FALSE)`);
}

/** The line itself is bytes, which SQL does not look into; `rest` is NULL in just these rows. */
const NOT_UTF8 = sql(`${lineBytes} IS NOT NULL`);

/** Whether a value that may have been taken out of a marked message holds a text of ASCII, in any case. */
function inMarked(text: string, table: SegmentTable): Sql {
  const marked = hasFlag('MARKS', table);
  if (text === '' || marked === FALSE) return marked;
  return allOf([marked, anyOf(markedColumns(table).map((column) => lowerHolds(column, text)))]);
}

/** In texts that are alike in many rows, which DuckDB looks at once each. */
function lowerHolds(column: string, text: string): Sql {
  return sql(`COALESCE(contains(lower(${column}), ?), FALSE)`, text.toLowerCase());
}

/** In texts that are all different RE2 with both cases of each letter takes half the time of lower-casing. */
function holdsRun(column: string, run: string): Sql {
  return matchesRegex(column, anyCase(run));
}

/** A match, and whether it is one piece of text: several may have a mark between them that reads like the next piece. */
interface Found {
  readonly pair: Pair;
  readonly literal: boolean;
}

/** Before and behind a word: no word character, of whatever script; for sure only where the neighbour is ASCII. */
const AROUND = { may: '[^0-9A-Za-z_\\x{6}]', surely: '[\\x{0}-\\x{5}\\x{7}-/:-@[-\\x{5e}`{-\\x{7f}]' } as const;

function termIn(text: string, table: SegmentTable): Found {
  return { pair: bounded([text], isWordAt(text, 0), isWordBefore(text, text.length), table), literal: true };
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
  return {
    pair: bounded(texts, starts, ends, table),
    literal: texts.length === 1,
  };
}

/** Texts one behind the other, the first not at a mark's second byte; in other columns no such byte is a text's first. */
function bounded(texts: readonly string[], starts: boolean, ends: boolean, table: SegmentTable): Pair {
  const body = texts.map(anyCase).join('(?s:.*)');
  const [first = ''] = texts;
  const isFree = !mayHaveFlag(table, ROW_FLAGS.MARKS) || !mayBeMark(first.charAt(0), table);
  if (!starts && !ends && isFree && texts.length === 1 && first.replaceAll(/[^A-Za-z]/g, '').length <= MOST_LETTERS) {
    return exactly(containsAnyCase(message, first));
  }
  const condition = (around: string): Sql => {
    const before = starts ? `(?:\\A|${around})` : isFree ? '' : '(?:\\A|[^\\x{6}])';
    return matchesRegex(message, `${before}${body}${ends ? `(?:\\z|${around})` : ''}`);
  };
  if (!starts && !ends) return exactly(condition(''));
  // RE2 is slow where a class comes first: only what has the text at all is looked at so.
  const held = matchesRegex(message, body);
  return { may: inOrder(held, condition(AROUND.may)), surely: inOrder(held, condition(AROUND.surely)) };
}

/** Whether a mark may have a character, in some case, for its second byte. */
function mayBeMark(character: string, { columns }: SegmentTable): boolean {
  return [character.toLowerCase(), character.toUpperCase()].some((each) => {
    const index = each.charCodeAt(0) - MARK_BASE;
    return index >= 0 && index < ROLES_WITH_MARKS + columns.length;
  });
}

/** The code of a mark's second byte for the first column, and columns that all segments have. */
const MARK_BASE = 0x20;
const ROLES_WITH_MARKS = 4;

/** So many letters are looked for in all of their spellings: each is a search of its own, but a third of one by RE2. */
const MOST_LETTERS = 2;

function containsAnyCase(column: string, text: string): Sql {
  let spellings = [''];
  for (const character of text) {
    const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    spellings = spellings.flatMap((before) => cases.map((each) => before + each));
  }
  const found = spellings.map(() => `contains(${column}, ?)`).join(' OR ');
  return sql(`COALESCE(${found}, FALSE)`, ...spellings);
}

const RUNS = /[A-Za-z0-9]+/g;

/** In lower case. */
function longestRun(texts: readonly string[]): string {
  return longest(texts.flatMap((text) => text.match(RUNS) ?? [])).toLowerCase();
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), '');
}

/** Both, the second only where the first holds: DuckDB puts the parts of an AND in the order of what it takes for their cost. */
function inOrder(first: Sql, second: Sql): Sql {
  if (first === FALSE || second === FALSE) return FALSE;
  return sql(`CASE WHEN ${first.text} THEN ${second.text} ELSE FALSE END`, ...first.params, ...second.params);
}

function anyOf(parts: readonly Sql[]): Sql {
  return union(parts.map(exactly)).may;
}

function allOf(parts: readonly Sql[]): Sql {
  return intersection(parts.map(exactly)).may;
}
