import type { SegmentTable } from './key-columns.ts';
import { COLUMNS } from './sql-columns.ts';
import { hasFlag } from './sql-flags.ts';
import { allOf, anyOf, type Sql, sql } from './sql-pair.ts';
import { literal, lowerHolds } from './sql-regex.ts';
import { escapedIn, longestRun, mayBeObject, NOT_UTF8, valueColumns } from './sql-text.ts';

const { message, rest, context } = COLUMNS;

/**
 * Whether a row may have a field with a name that can be the message's, beside the message. Most rows that hold such a
 * name have it for the message alone, whose mark stands behind it. No format that is not JSON gives such a name to what
 * it finds: it stands in the line or in what was added to it.
 */
export function hasOwnBesideMessage(name: string, table: SegmentTable): Sql {
  const run = longestRun([name]);
  const holds = (column: string): Sql => lowerHolds(column, run);
  const again = sql(`COALESCE(contains(lower(regexp_replace(${rest}, ?, '')), ?), FALSE)`, nameOfMessage(name), run);
  return anyOf([
    NOT_UTF8,
    allOf([holds(rest), anyOf([hasFlag('WHOLE', table), again])]),
    escapedIn(rest, table),
    ...valueColumns(table).map(holds),
    allOf([mayBeObject(table), anyOf([holds(message), escapedIn(message, table)])]),
    allOf([hasFlag('CONTEXT_FIELDS', table), holds(context)]),
  ]);
}

/** Any bytes of a string's inside in `rest`: what stands behind the marks 05 and 06 may be a quotation mark. */
const INSIDE = String.raw`(?:[^"\\\x{5}\x{6}]|\\.|[\x{5}\x{6}](?s:.))*`;

/**
 * A name and what stands between it and the mark of the message: as a member of an object (02; 03 where the message is in
 * JSON inside of its value), of an object in a string, and in logfmt.
 */
function nameOfMessage(name: string): string {
  const it = Array.from(name, literal).join('');
  return [
    String.raw`[{,\s]"${it}"\s*:\s*"${INSIDE}[\x{2}-\x{4}]`,
    String.raw`\\"${it}\\"\s*:\s*\\"\x{3}`,
    String.raw`(?:^|\s)${it}="?\x{4}`,
  ].join('|');
}
