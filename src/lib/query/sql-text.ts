import type { Value } from './ast.ts';
import { isWordAt, isWordBefore } from './fold.ts';
import { markedColumns, type SegmentTable } from './key-columns.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { exactly, FALSE, intersection, type Pair, type Sql, sql, TRUE, union, where } from './sql-pair.ts';
import { anyCase, matchesRegex, re2Pattern } from './sql-regex.ts';
import { literalsOf, piecesOf } from './text-match.ts';

const { flags, message, rest, context } = COLUMNS;
const MARKED = `(${flags} & ${ROW_FLAGS.MARKS}) <> 0`;
const UNMARKED = sql(`(${flags} & ${ROW_FLAGS.MARKS}) = 0`);

/**
 * Whether the message holds words or a pattern, in any case. Where values were taken out of it, what may touch one of
 * them may match; a single word never does, for they stand between characters of no word.
 */
export function messageHolds(value: Value & { kind: 'term' | 'phrase' | 'wildcard' }, table: SegmentTable): Pair {
  const isPattern = value.kind === 'wildcard';
  const text = isPattern ? value.pattern : value.text;
  if (text === '') return where(UNMARKED, exactly(sql(`COALESCE(${message} = '', FALSE)`)));
  const texts = isPattern ? literalsOf(text) : [text];
  const run = longestRun(texts);
  const prefilter = run === '' ? sql(`${message} IS NOT NULL`) : holdsRun(message, run);
  // Neither a mark nor a character outside ASCII is in what is looked for.
  const found = /^[\u0007-\u007f]*$/.test(text) ? (isPattern ? patternIn(text) : termIn(text)) : undefined;
  if (found === undefined) return { may: anyOf([prefilter, inMarked(run, table)]), surely: FALSE };
  const inText = intersection([exactly(prefilter), found.pair]);
  const isWord = found.literal && /^[A-Za-z0-9_]*$/.test(texts.join(''));
  const touching = run === '' ? sql(MARKED) : inMarked(run, table);
  const across = isWord ? touching : anyOf([touching, allOf([sql(MARKED), prefilter])]);
  return { may: anyOf([inText.may, across]), surely: found.literal ? inText.surely : allOf([inText.surely, UNMARKED]) };
}

/** Whether the message is what a regular expression finds. */
export function messageMatches(source: string, regexFlags: string, table: SegmentTable): Pair {
  const pattern = re2Pattern(source, regexFlags);
  if (pattern === undefined) return { may: sql(`${message} IS NOT NULL`), surely: FALSE };
  return exactly(matchesRegex(wholeMessage(table), pattern));
}

/** The message with the values that were taken out of it. */
function wholeMessage(table: SegmentTable): string {
  const filled = markedColumns(table).reduce((text, column) => {
    const index = column === COLUMNS.traceId ? 2 : column === COLUMNS.spanId ? 3 : Number(column.slice(1)) + 4;
    return `replace(${text}, chr(6) || chr(${0x20 + index}), COALESCE(${column}, ''))`;
  }, message);
  return `CASE WHEN ${MARKED} THEN ${filled} ELSE ${message} END`;
}

/** Text fields beside the message stand under these names, in the line or in a message that is JSON. */
const TEXT_NAMES = ['error', 'stack', 'exception'];

/**
 * Whether a row may have text fields beside its message that hold a run of ASCII letters and digits (or any, where there
 * is none to look for).
 */
export function otherTextsMayHold(texts: readonly string[], table: SegmentTable): Sql {
  const run = longestRun(texts);
  const named = (column: string): Sql =>
    sql(`COALESCE(${TEXT_NAMES.map((name) => `contains(${column}, '${name}')`).join(' OR ')}, FALSE)`);
  const inRest = allOf([
    run === '' ? TRUE : lineMayHold((column) => holdsRun(column, run), run, table),
    anyOf([named(rest), escaped(rest), ...valueColumns(table).map(named)]),
  ]);
  const inMessage = allOf([
    sql(`COALESCE(starts_with(${message}, '{') OR ${message} < '!', FALSE)`),
    run === '' ? TRUE : anyOf([holdsRun(message, run), escaped(message), inMarked(run, table)]),
    anyOf([named(message), escaped(message)]),
  ]);
  const inContext = allOf([
    sql(`(${flags} & ${ROW_FLAGS.CONTEXT_FIELDS}) <> 0`),
    run === '' ? TRUE : holdsRun(context, run),
  ]);
  return anyOf([sql(`${rest} IS NULL`), inRest, inMessage, inContext]);
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
    sql(`${rest} IS NULL`),
    lineMayHold(holds, run, table),
    holds(message),
    escaped(message),
    allOf([sql(`(${flags} & ${ROW_FLAGS.CONTEXT_FIELDS}) <> 0`), holds(context)]),
  ]);
}

/** What only a text's longest run can be in a time that was taken out of the line. */
const OF_TIME = /^[0-9TZtz]+$/;

/**
 * Whether the line beside its message may hold a run: as it stands in `rest`, hidden by an escape, in a value that was
 * taken out, or with the message taken out of its middle.
 */
function lineMayHold(holds: (column: string) => Sql, run: string, table: SegmentTable): Sql {
  return anyOf([
    holds(rest),
    escaped(rest),
    ...valueColumns(table).map(holds),
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

/** Whether escapes may hide letters and digits. */
function escaped(column: string): Sql {
  return sql(`COALESCE(contains(${column}, '\\u') OR contains(${column}, '\\U'), FALSE)`);
}

/** Whether a value that may have been taken out of a marked message holds a run of ASCII letters and digits, in any case. */
function inMarked(run: string, table: SegmentTable): Sql {
  if (run === '') return sql(MARKED);
  return allOf([sql(MARKED), anyOf(markedColumns(table).map((column) => holdsRun(column, run)))]);
}

function holdsRun(column: string, run: string): Sql {
  return sql(`COALESCE(contains(lower(${column}), ?), FALSE)`, run);
}

/** A match, and whether it is one piece of text: several may have a mark between them that reads like the next piece. */
interface Found {
  readonly pair: Pair;
  readonly literal: boolean;
}

/** Before and behind a word: no word character, of whatever script; for sure only where the neighbour is ASCII. */
const AROUND = { may: '[^0-9A-Za-z_\\x{6}]', surely: '[\\x{0}-\\x{5}\\x{7}-/:-@[-\\x{5e}`{-\\x{7f}]' } as const;

function termIn(text: string): Found {
  return { pair: bounded(text, anyCase(text), isWordAt(text, 0), isWordBefore(text, text.length)), literal: true };
}

function patternIn(pattern: string): Found | undefined {
  const pieces = piecesOf(pattern);
  const [first = []] = pieces;
  const last = pieces.at(-1) ?? [];
  // An unknown character at the edge may be of a word or not.
  if (pieces.some((piece) => piece.includes(undefined))) return undefined;
  const body = pieces.map((piece) => anyCase(piece.join(''))).join('(?s:.*)');
  const starts = first.length > 0 && isWordAt(first.join(''), 0);
  const lastText = last.join('');
  const ends = last.length > 0 && isWordBefore(lastText, lastText.length);
  return {
    pair: bounded(pattern, body, starts, ends),
    literal: pieces.filter((piece) => piece.length > 0).length === 1,
  };
}

function bounded(text: string, body: string, starts: boolean, ends: boolean): Pair {
  const condition = (around: string): Sql => {
    const before = starts ? `(?:\\A|${around})` : '(?:\\A|[^\\x{6}])';
    return matchesRegex(message, `${before}${body}${ends ? `(?:\\z|${around})` : ''}`);
  };
  if (!starts && !ends) return exactly(condition(text));
  return { may: condition(AROUND.may), surely: condition(AROUND.surely) };
}

const RUNS = /[A-Za-z0-9]+/g;

/** In lower case. */
function longestRun(texts: readonly string[]): string {
  return longest(texts.flatMap((text) => text.match(RUNS) ?? [])).toLowerCase();
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), '');
}

function anyOf(parts: readonly Sql[]): Sql {
  return union(parts.map(exactly)).may;
}

function allOf(parts: readonly Sql[]): Sql {
  return intersection(parts.map(exactly)).may;
}
