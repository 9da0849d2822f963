import { aliasOf, FIELD_ALIASES, type Role } from '../record/aliases.ts';
import { LEVELS } from '../record/level.ts';
import type { CompareOp, Filter, QueryClock, Scalar, Value } from './ast.ts';
import { fieldKind, soleRole } from './field-kind.ts';
import { columnOfKey, PLAIN_TABLE, type SegmentTable, type ValueColumn } from './key-columns.ts';
import { levelsOfCompare, levelsOfValue } from './levels.ts';
import { COLUMNS } from './sql-columns.ts';
import { fieldMayMatch, textFieldMayMatch } from './sql-field.ts';
import { hasNoFlag, tellsAll } from './sql-flags.ts';
import {
  exactly,
  FALSE,
  intersection,
  negation,
  type Pair,
  type Sql,
  sql,
  TRUE,
  union,
  UNSURE,
  where,
} from './sql-pair.ts';
import { messageHolds, messageMatches, otherTexts, textsHold } from './sql-text.ts';
import { comparePair, textEquals, valuePair } from './sql-value.ts';
import { instantsOfCompare, instantsOfValue, type Instants } from './times.ts';

export type { Sql } from './sql-pair.ts';

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/**
 * A filter as two conditions over a segment's columns: rows outside `may` do not match, rows inside `surely` do, and
 * only those between need their events read. Both are never NULL. Where `exact` is true the two are the same
 * condition, and SQL alone can count. Texts of the query are bound, never spliced in.
 */
export function compileSql(
  filter: Filter,
  clock: QueryClock,
  table: SegmentTable = PLAIN_TABLE,
): { may: Sql; surely: Sql; exact: boolean } {
  const { may, surely } = compilePair(filter, clock, table);
  return { may, surely, exact: may === surely };
}

function compilePair(filter: Filter, clock: QueryClock, table: SegmentTable): Pair {
  switch (filter.kind) {
    case 'all':
      return exactly(TRUE);
    case 'and':
      return intersection(filter.filters.map((part) => compilePair(part, clock, table)));
    case 'or':
      return union(filter.filters.map((part) => compilePair(part, clock, table)));
    case 'not':
      return negation(compilePair(filter.filter, clock, table));
    case 'match':
      return compileMatch(filter.field, filter.value, clock, table);
    case 'compare':
      return filter.op === '!='
        ? negation(compileCompare(filter.field, '=', filter.scalar, clock, table))
        : compileCompare(filter.field, filter.op, filter.scalar, clock, table);
  }
}

function compileMatch(field: string | undefined, value: Value, clock: QueryClock, table: SegmentTable): Pair {
  if (field === undefined) return compileBare(value, table);
  if (field === '*') return UNSURE;
  const inLine = (): Sql => fieldMayMatch(field, value, table);
  switch (fieldKind(field)) {
    case 'level':
      return value.kind === 'regex' ? UNSURE : onRole(field, exactly(levelIn(levelsOfValue(value, field))), inLine);
    case 'time': {
      const instants = instantsOfValue(value, clock);
      return instants === undefined || field === 'received_at'
        ? UNSURE
        : onRole(field, exactly(timeIn(instants)), inLine);
    }
    case 'text':
      return onTextField(
        field,
        () => onMessage(value, table),
        () => textFieldMayMatch(field, value, clock, table),
      );
    case 'value':
      return onField(field, (column) => valuePair(value, field, column), inLine, table);
  }
}

function compileCompare(
  field: string,
  op: Exclude<CompareOp, '!='>,
  scalar: Scalar,
  clock: QueryClock,
  table: SegmentTable,
): Pair {
  const inLine = (): Sql =>
    fieldMayMatch(
      field,
      op === '=' && scalar.kind === 'text' ? { kind: 'phrase', text: scalar.text } : { kind: 'any' },
      table,
    );
  switch (fieldKind(field)) {
    case 'level':
      return onRole(field, exactly(levelIn(levelsOfCompare(op, scalar, field))), inLine);
    case 'time':
      return field === 'received_at'
        ? UNSURE
        : onRole(field, exactly(timeIn(instantsOfCompare(op, scalar, clock))), inLine);
    case 'text':
      if (op !== '=' || scalar.kind !== 'text') return UNSURE;
      return onTextField(
        field,
        () => where(hasNoFlag('MARKS', table), textEquals({ sql: COLUMNS.message, type: 'text' }, scalar.text)),
        () => textFieldMayMatch(field, { kind: 'phrase', text: scalar.text }, clock, table),
      );
    case 'value':
      return onField(field, (column) => comparePair(op, scalar, field, column), inLine, table);
  }
}

/** Under an alias of a role a field of that very name may match too, which only the line shows. */
function onRole(field: string, role: Pair, inLine: () => Sql): Pair {
  return soleRole(field) === undefined ? union([role, { may: inLine(), surely: FALSE }]) : role;
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
function compileBare(value: Value, table: SegmentTable): Pair {
  switch (value.kind) {
    case 'term':
    case 'phrase':
    case 'wildcard':
      return textsHold(value, table);
    default:
      return union([onMessage(value, table), { may: otherTexts(table), surely: FALSE }]);
  }
}

function onMessage(value: Value, table: SegmentTable): Pair {
  switch (value.kind) {
    case 'any':
      return exactly(sql(`${COLUMNS.message} IS NOT NULL`));
    case 'term':
    case 'phrase':
    case 'wildcard':
      return messageHolds(value, table);
    case 'regex':
      return messageMatches(value.source, value.flags, table);
    default:
      return where(hasNoFlag('MARKS', table), valuePair(value, 'message', { sql: COLUMNS.message, type: 'text' }));
  }
}

/** A field of running text: the message, or one of those that have no column. */
function onTextField(field: string, inMessage: () => Pair, inLine: () => Sql): Pair {
  return aliasOf(field)?.role === 'message' ? onRole(field, inMessage(), inLine) : { may: inLine(), surely: FALSE };
}

/**
 * A field matched as a value: in its column where it has one. Under an alias of a role, and under a name that another is
 * known by, a field of that very name may match too, which only the line shows.
 */
function onField(field: string, test: (column: ValueColumn) => Pair, inLine: () => Sql, table: SegmentTable): Pair {
  const role = columnOfRole(aliasOf(field)?.role);
  if (role !== undefined) return onRole(field, test(role), inLine);
  const known = FIELD_ALIASES.get(field);
  const column = columnOfKey(table, known ?? field);
  const own = column === undefined ? undefined : where(tellsAll(column, table), test(column));
  if (own !== undefined && known === undefined) return own;
  const other: Pair = { may: inLine(), surely: FALSE };
  return own === undefined ? other : union([own, other]);
}

/** The column of a role that has one of values. */
function columnOfRole(role: Role | undefined): ValueColumn | undefined {
  switch (role) {
    case 'service':
    case 'host':
      return { sql: COLUMNS[role], type: 'text' };
    case 'trace_id':
      return { sql: COLUMNS.traceId, type: 'text' };
    case 'span_id':
      return { sql: COLUMNS.spanId, type: 'text' };
    default:
      return undefined;
  }
}
