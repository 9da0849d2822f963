import { aliasOf, type Role } from '../record/aliases.ts';
import { LEVELS } from '../record/level.ts';
import type { CompareOp, Filter, QueryClock, Scalar, Value } from './ast.ts';
import { decimalOf } from './decimal.ts';
import { fieldKind, soleRole } from './field-kind.ts';
import { levelsOfCompare, levelsOfValue } from './levels.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { FALSE, intersection, negation, type Pair, type Sql, sql, TRUE, union } from './sql-pair.ts';
import { lineMayHold, messageHolds, messageMayHold } from './sql-text.ts';
import { literalsOf } from './text-match.ts';
import { instantsOfCompare, instantsOfValue, type Instants } from './times.ts';

export type { Sql } from './sql-pair.ts';

const UNSURE: Pair = { may: TRUE, surely: FALSE };
const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/**
 * A filter as two conditions over a segment's columns: rows outside `may` do not match, rows inside `surely` do, and
 * only those between need their events read. Both are never NULL. Where `exact` is true the two are the same
 * condition, and SQL alone can count. Texts of the query are bound, never spliced in.
 */
export function compileSql(filter: Filter, clock: QueryClock): { may: Sql; surely: Sql; exact: boolean } {
  const { may, surely } = compilePair(filter, clock);
  return { may, surely, exact: may === surely };
}

function compilePair(filter: Filter, clock: QueryClock): Pair {
  switch (filter.kind) {
    case 'all':
      return exactly(TRUE);
    case 'and':
      return intersection(filter.filters.map((part) => compilePair(part, clock)));
    case 'or':
      return union(filter.filters.map((part) => compilePair(part, clock)));
    case 'not':
      return negation(compilePair(filter.filter, clock));
    case 'match':
      return compileMatch(filter.field, filter.value, clock);
    case 'compare':
      return filter.op === '!='
        ? negation(compileCompare(filter.field, '=', filter.scalar, clock))
        : compileCompare(filter.field, filter.op, filter.scalar, clock);
  }
}

function compileMatch(field: string | undefined, value: Value, clock: QueryClock): Pair {
  if (field === undefined) return compileBare(value);
  if (field === '*') return UNSURE;
  switch (fieldKind(field)) {
    case 'level':
      return value.kind === 'regex' ? UNSURE : onRole(field, levelIn(levelsOfValue(value, field)));
    case 'time': {
      const instants = instantsOfValue(value, clock);
      return instants === undefined || field === 'received_at' ? UNSURE : onRole(field, timeIn(instants));
    }
    case 'text':
      return soleRole(field) === 'message' ? onMessage(value) : UNSURE;
    case 'value':
      return onField(field, value);
  }
}

function compileCompare(field: string, op: Exclude<CompareOp, '!='>, scalar: Scalar, clock: QueryClock): Pair {
  switch (fieldKind(field)) {
    case 'level':
      return onRole(field, levelIn(levelsOfCompare(op, scalar, field)));
    case 'time':
      return field === 'received_at' ? UNSURE : onRole(field, timeIn(instantsOfCompare(op, scalar, clock)));
    case 'text':
      return UNSURE;
    case 'value':
      return op === '=' && scalar.kind === 'text' ? onField(field, { kind: 'term', text: scalar.text }) : UNSURE;
  }
}

/** Under an alias of a role a field of that very name may match too. */
function onRole(field: string, condition: Sql): Pair {
  return soleRole(field) === undefined ? { may: TRUE, surely: condition } : exactly(condition);
}

function levelIn(levels: ReadonlySet<keyof typeof LEVELS>): Sql {
  if (levels.size === 0) return FALSE;
  const numbers = [...levels].map((level) => LEVELS[level]);
  return sql(`COALESCE(${COLUMNS.level} IN (${numbers.map(() => '?').join(', ')}), FALSE)`, ...numbers);
}

function timeIn(instants: readonly Instants[]): Sql {
  const ranges = instants.map(({ from, to }) => {
    const bounds: Pair[] = [];
    if (from !== undefined)
      bounds.push(
        exactly(from > MOST_INT64 ? FALSE : sql(`${COLUMNS.ts} >= ?`, from < LEAST_INT64 ? LEAST_INT64 : from)),
      );
    if (to !== undefined && to <= MOST_INT64)
      bounds.push(exactly(to < LEAST_INT64 ? FALSE : sql(`${COLUMNS.ts} < ?`, to)));
    return intersection(bounds);
  });
  return union(ranges).may;
}

/** A bare term: over the message, and over other text fields that only the line shows. */
function compileBare(value: Value): Pair {
  switch (value.kind) {
    case 'term':
    case 'phrase':
      return { may: lineMayHold([value.text]), surely: messageHolds(value.text) };
    case 'wildcard':
      return {
        may: lineMayHold(literalsOf(value.pattern)),
        surely: messageHolds(substringOf(value.pattern), 'anywhere'),
      };
    default:
      return UNSURE;
  }
}

function onMessage(value: Value): Pair {
  switch (value.kind) {
    case 'any':
      return exactly(sql(`${COLUMNS.message} IS NOT NULL`));
    case 'term':
    case 'phrase':
      return { may: messageMayHold([value.text]), surely: messageHolds(value.text) };
    case 'wildcard':
      return {
        may: messageMayHold(literalsOf(value.pattern)),
        surely: messageHolds(substringOf(value.pattern), 'anywhere'),
      };
    default:
      return UNSURE;
  }
}

/** The literal of `*literal*`, where nothing else is asked for. */
function substringOf(pattern: string): string {
  const literals = literalsOf(pattern);
  const [first, middle = '', last] = literals;
  return literals.length === 3 && first === '' && last === '' && !/[\\?]/.test(pattern) ? middle : '';
}

/** A field matched exactly and in its case. Numbers may be written in many ways (`100`, `1e2`), so none is looked for. */
function onField(field: string, value: Value): Pair {
  const role = soleRole(field);
  const column = columnOf(role);
  if (column !== undefined && value.kind === 'any') return exactly(sql(`${column} IS NOT NULL`));
  if (value.kind !== 'term' && value.kind !== 'phrase') return UNSURE;
  if (decimalOf(value.text) !== undefined) return UNSURE;
  if (column !== undefined && hasOneSpelling(value.text)) return exactly(equalTo(column, value.text));
  if (role !== undefined || isOurs(field)) return UNSURE;
  const shared = columnOf(aliasOf(field)?.role);
  if (shared === undefined) return { may: fieldMayHold(value.text), surely: FALSE };
  // The role's own value need not stand in the line: a source may have a service and a host beside its lines.
  if (!hasOneSpelling(value.text)) return UNSURE;
  const ofRole = equalTo(shared, value.text);
  return union([exactly(ofRole), { may: fieldMayHold(value.text), surely: FALSE }]);
}

/** The column of a role that has one. */
function columnOf(role: Role | undefined): string | undefined {
  return role === 'service' ? COLUMNS.service : role === 'host' ? COLUMNS.host : undefined;
}

function equalTo(column: string, text: string): Sql {
  return sql(`COALESCE(${column} = ?, FALSE)`, text);
}

/** What a column of UTF-8 gives back as it was put in: no lone surrogate, nor what stands in for one. */
function hasOneSpelling(text: string): boolean {
  return !/[\ufffd\p{Surrogate}\u0000]/u.test(text);
}

/** Fields whose values need not stand in the line. */
function isOurs(field: string): boolean {
  return (
    field.startsWith('_') ||
    ['log_id', 'received_at', 'tenant', 'file', 'truncated', 'original_length'].includes(field) ||
    fieldKind(field) !== 'value'
  );
}

/** Only in events that are JSON objects does every value stand in the line as it is: other formats derive some. */
function fieldMayHold(text: string): Sql {
  const runs = text.match(/[A-Za-z0-9]+/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return TRUE;
  const untrusted = ROW_FLAGS.UNICODE_ESCAPE | ROW_FLAGS.CONTEXT_FIELDS;
  const { flags, line } = COLUMNS;
  return sql(
    `((${flags} & ${untrusted}) <> 0 OR (${flags} & ${ROW_FLAGS.JSON}) = 0 OR COALESCE(contains(${line}, ?), TRUE))`,
    longest,
  );
}

function exactly(condition: Sql): Pair {
  return { may: condition, surely: condition };
}
