import { aliasOf } from '../record/aliases.ts';
import type { QueryClock, Value } from './ast.ts';
import { decimalOf } from './decimal.ts';
import { isOurs } from './field-kind.ts';
import type { SegmentTable } from './key-columns.ts';
import { filterNeeds } from './filter-needs.ts';
import { hasOwnBesideMessage } from './sql-own-name.ts';
import { allOf, exactly, intersection, type Pair, type Sql, sql, TRUE } from './sql-pair.ts';
import { lowerHolds } from './sql-regex.ts';
import { longestRun, meets, rowMayHold, rowMayHoldSql } from './sql-text.ts';
import { literalsOf } from './text-match.ts';

/**
 * Whether a row may have a field, without a column, that a value matches: its name stands in the line, and what the
 * value must have in it too.
 */
export function fieldMayMatch(field: string, value: Value, table: SegmentTable): Sql {
  if (isOurs(field)) return TRUE;
  const parts = [rowMayHold(field, table), ...textsOf(value).map((text) => rowMayHold(text, table))];
  if (value.kind === 'term') {
    const number = decimalOf(value.text);
    if (number !== undefined) parts.push(rowMayHoldNumber(value.text, table));
  }
  return intersection(parts.map((part): Pair => exactly(part))).may;
}

/** As `fieldMayMatch`, of a field of running text: a value is looked for in it by words and in any case. */
export function textFieldMayMatch(field: string, value: Value, clock: QueryClock, table: SegmentTable): Sql {
  if (isOurs(field)) return TRUE;
  const needs = filterNeeds({ kind: 'match', field, value }, clock);
  const name = aliasOf(field)?.role === 'message' ? hasOwnBesideMessage(field, table) : rowMayHold(field, table);
  return allOf([name, meets(needs, (text) => rowMayHoldAnyCase(text, table))]);
}

/** Whether a row may hold a word or a part of one in any case. */
function rowMayHoldAnyCase(text: string, table: SegmentTable): Sql {
  const run = longestRun([text]);
  return run === '' ? TRUE : rowMayHoldSql((column) => lowerHolds(column, run), run, table);
}

function textsOf(value: Value): readonly string[] {
  switch (value.kind) {
    case 'term':
      return decimalOf(value.text) === undefined ? [value.text] : [];
    case 'phrase':
      return [value.text];
    case 'wildcard':
      return literalsOf(value.pattern);
    default:
      return [];
  }
}

/** A number may be written in many ways, but without an exponent its digits stand in all of them. */
function rowMayHoldNumber(text: string, table: SegmentTable): Sql {
  const digits = /^[+-]?0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text);
  if (digits === null) return TRUE;
  const [, whole = '', fraction = ''] = digits;
  const run = whole.length >= fraction.length ? whole : fraction;
  if (run === '') return TRUE;
  return rowMayHoldSql(
    (column) =>
      sql(`COALESCE(contains(${column}, ?) OR regexp_matches(${column}, '[0-9][.]?[eE][+-]?[0-9]'), FALSE)`, run),
    run,
    table,
  );
}
