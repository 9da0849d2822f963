import { allValuesOf, textValuesOf, valuesOf } from '../record/field-access.ts';
import type { Level } from '../record/level.ts';
import type { FieldValue, LogRecord } from '../record/record.ts';
import type { CompareOp, Filter, QueryClock, Scalar, Value } from './ast.ts';
import { compileComparison, holds } from './compare.ts';
import { fieldKind, soleRole } from './field-kind.ts';
import { levelsOfCompare, levelsOfValue } from './levels.ts';
import { instantsOfCompare, instantsOfValue, type Instants, isWithin } from './times.ts';
import { compileText, compileValue, equals, type ValueTest } from './value-match.ts';

export type Predicate = (record: LogRecord) => boolean;

/**
 * A filter as a test of one record. It is what a query means: SQL only leaves out what this would refuse.
 * Several values under a name (arrays) match where one of them does; absent and null match nothing, so that NOT and
 * `!=` take records without the field.
 * @throws LogsError QUERY_SYNTAX for a regular expression that RE2 refuses, QUERY_UNSUPPORTED for an unresolved `in(@file)`
 */
export function compilePredicate(filter: Filter, clock: QueryClock): Predicate {
  switch (filter.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const tests = filter.filters.map((part) => compilePredicate(part, clock));
      return (record) => tests.every((test) => test(record));
    }
    case 'or': {
      const tests = filter.filters.map((part) => compilePredicate(part, clock));
      return (record) => tests.some((test) => test(record));
    }
    case 'not': {
      const test = compilePredicate(filter.filter, clock);
      return (record) => !test(record);
    }
    case 'match':
      return compileMatch(filter.field, filter.value, clock);
    case 'compare':
      return compileCompare(filter.field, filter.op, filter.scalar, clock);
  }
}

function compileMatch(field: string | undefined, value: Value, clock: QueryClock): Predicate {
  if (field === undefined) {
    const test = compileText(value, 'message', clock);
    return (record) => textValuesOf(record).some(test);
  }
  if (field === '*') {
    const test = compileText(value, field, clock);
    return (record) => allValuesOf(record).some(test);
  }
  switch (fieldKind(field)) {
    case 'text':
      return anyValue(field, compileText(value, field, clock));
    case 'level':
      return onLevel(field, levelsOfValue(value, field), compileValue(value, field, clock));
    case 'time': {
      const instants = instantsOfValue(value, clock);
      const test = compileValue(value, field, clock);
      return instants === undefined ? anyValue(field, test) : onTime(field, instants, test);
    }
    case 'value':
      return anyValue(field, compileValue(value, field, clock));
  }
}

function compileCompare(field: string, op: CompareOp, scalar: Scalar, clock: QueryClock): Predicate {
  if (op === '!=') {
    const test = compileCompare(field, '=', scalar, clock);
    return (record) => !test(record);
  }
  const test = op === '=' ? equals(scalar, field, clock) : ordered(op, scalar, field, clock);
  switch (fieldKind(field)) {
    case 'level':
      return onLevel(field, levelsOfCompare(op, scalar, field), test);
    case 'time':
      return onTime(field, instantsOfCompare(op, scalar, clock), test);
    default:
      return anyValue(field, test);
  }
}

function ordered(op: CompareOp, scalar: Scalar, field: string, clock: QueryClock): ValueTest {
  const compare = compileComparison(scalar, field, clock);
  return (value) => {
    const order = compare(value);
    return order !== undefined && holds(op, order);
  };
}

function anyValue(field: string, test: ValueTest): Predicate {
  const role = soleRole(field);
  if (role === undefined || role === 'time') return (record) => valuesOf(record, field).some(test);
  return (record) => {
    const value = record[role];
    return value !== undefined && test(value);
  };
}

/** The record's level, or what a field of just this name still holds beside it. */
function onLevel(field: string, levels: ReadonlySet<Level>, test: ValueTest): Predicate {
  return (record) => levels.has(record.level) || besideRole(record, field).some(test);
}

function onTime(field: string, instants: readonly Instants[], test: ValueTest): Predicate {
  if (field === 'received_at') return (record) => isWithin(instants, record.receivedAt);
  return (record) => isWithin(instants, record.ts) || besideRole(record, field).some(test);
}

/** Values under an alias of a role other than the role's own, which comes first. */
function besideRole(record: LogRecord, field: string): FieldValue[] {
  return soleRole(field) === undefined ? valuesOf(record, field).slice(1) : [];
}
