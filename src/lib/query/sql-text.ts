import { isWordAt, isWordBefore } from './fold.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { FALSE, type Sql, sql, TRUE } from './sql-pair.ts';

const { flags, line, message } = COLUMNS;
/** Only ASCII: bytes and characters are as many. There lower-casing in SQL and in JavaScript are the same. */
const MESSAGE_IS_ASCII = `strlen(${message}) = length(${message})`;

/**
 * Whether a line may hold texts that words are looked for in, by their longest run of ASCII letters and digits: no
 * escape but `\u` hides those, and a letter outside ASCII never folds to one.
 */
export function lineMayHold(texts: readonly string[]): Sql {
  const run = longestRun(texts);
  if (run === '') return TRUE;
  const untrusted = ROW_FLAGS.UNICODE_ESCAPE | ROW_FLAGS.CONTEXT_FIELDS;
  return sql(`((${flags} & ${untrusted}) <> 0 OR COALESCE(contains(lower(${line}), ?), TRUE))`, run);
}

/** As `lineMayHold`, where only the message counts: it has a column. */
export function messageMayHold(texts: readonly string[]): Sql {
  const run = longestRun(texts);
  return run === '' ? sql(`${message} IS NOT NULL`) : sql(`COALESCE(contains(lower(${message}), ?), FALSE)`, run);
}

/** Whether an ASCII message surely holds an ASCII text, in any case: at the edges of words, or anywhere. */
export function messageHolds(text: string, where: 'words' | 'anywhere' = 'words'): Sql {
  if (text === '' || /[^\u0001-\u007f]/.test(text)) return FALSE;
  const needle = text.toLowerCase();
  if (where === 'anywhere') {
    return sql(`COALESCE(${MESSAGE_IS_ASCII} AND contains(lower(${message}), ?), FALSE)`, needle);
  }
  const before = isWordAt(needle, 0) ? '(^|[^a-z0-9_])' : '';
  const after = isWordBefore(needle, needle.length) ? '($|[^a-z0-9_])' : '';
  const pattern = `${before}${Array.from(needle, escapeForRe2).join('')}${after}`;
  return sql(`COALESCE(${MESSAGE_IS_ASCII} AND regexp_matches(lower(${message}), ?), FALSE)`, pattern);
}

function longestRun(texts: readonly string[]): string {
  const runs = texts.flatMap((text) => text.match(/[A-Za-z0-9]+/g) ?? []);
  return runs.reduce((best, run) => (run.length > best.length ? run.toLowerCase() : best), '');
}

function escapeForRe2(character: string): string {
  return /[a-z0-9]/.test(character) ? character : `\\x{${character.charCodeAt(0).toString(16)}}`;
}
