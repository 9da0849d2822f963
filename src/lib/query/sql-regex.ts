import { QUERY_LIMITS } from './limits.ts';
import { type Sql, sql } from './sql-pair.ts';

/** Characters of a pattern times its largest count: beyond it RE2's program may not fit its memory. */
const MOST_PROGRAM = 4000;
/**
 * Escapes that RE2 in DuckDB and re2js surely read alike. Classes of Unicode (`\pL`) are of different versions of it.
 */
const KNOWN_ESCAPES = /^\\(?:[dDwWsSbBAz]|x[0-9a-fA-F]{2}|x\{[0-7]?[0-9a-fA-F]\}|[fnrtv]|[!-/:-@[-`{-~])/;

/**
 * A pattern for DuckDB's RE2 that finds what the predicate's engine finds in every text, or undefined where the two are
 * not known to be the same: then only the predicate decides. ASCII only, no Unicode classes, small counts.
 */
export function re2Pattern(source: string, flags: string): string | undefined {
  if (source.length > Math.min(QUERY_LIMITS.regex, MOST_PROGRAM) || /[^\t\u0020-\u007e]/.test(source)) return undefined;
  let counts = 1;
  for (const [, least = '', , most] of source.matchAll(/\{(\d+)(,(\d*))?\}/g)) {
    counts *= Math.max(1, Number(least), Number(most ?? 0));
  }
  if (source.length * counts > MOST_PROGRAM) return undefined;
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== '\\') continue;
    const escape = KNOWN_ESCAPES.exec(source.slice(at, at + 8))?.[0];
    if (escape === undefined) return undefined;
    at += escape.length - 1;
  }
  // Named classes and groups with names or flags of their own have spellings that only one of the two may take.
  if (/\[:|\(\?(?!:|[ims]+[:)])/.test(source)) return undefined;
  const mode = [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('');
  return mode === '' ? source : `(?${mode}:${source})`;
}

/** Whether a text column holds what a pattern finds; FALSE where it is NULL. */
export function matchesRegex(column: string, pattern: string): Sql {
  return sql(`COALESCE(regexp_matches(${column}, ?), FALSE)`, pattern);
}

/** In texts that are alike in many rows, which DuckDB looks at once each. */
export function lowerHolds(column: string, text: string): Sql {
  return sql(`COALESCE(contains(lower(${column}), ?), FALSE)`, text.toLowerCase());
}

/** A text for RE2 in any case of its ASCII letters; no other character stands for one of those. */
export function anyCase(text: string): string {
  return Array.from(text, (character) => {
    if (/[a-z]/i.test(character)) return `[${character.toLowerCase()}${character.toUpperCase()}]`;
    return literal(character);
  }).join('');
}

/** A character for RE2, as itself. */
export function literal(character: string): string {
  return /[A-Za-z0-9]/.test(character) ? character : `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
