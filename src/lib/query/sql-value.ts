import type { CompareOp, Scalar, Value } from './ast.ts';
import { quantityScale } from './compare.ts';
import { parseCidr } from './cidr.ts';
import { type Decimal, decimalOf } from './decimal.ts';
import type { ValueColumn } from './key-columns.ts';
import { compareNumbers, compareQuantities, isNumber } from './sql-number.ts';
import { FALSE, exactly, intersection, type Pair, type Sql, sql, union, UNSURE } from './sql-pair.ts';
import { literal, matchesRegex, re2Pattern } from './sql-regex.ts';
import { piecesOf } from './text-match.ts';

type Order = Exclude<CompareOp, '!='>;

/** Values of one `in`: more are left to the predicate, but for their exact texts. */
const MOST_VALUES = 500;

/**
 * What `compileValue` says of a field whose values are all in one column, plain texts and whole numbers. Rows without a
 * value are never taken.
 */
export function valuePair(value: Value, field: string, column: ValueColumn): Pair {
  switch (value.kind) {
    case 'any':
      return exactly(present(column));
    case 'term': {
      const number = decimalOf(value.text);
      return number === undefined ? textEquals(column, value.text) : compareNumbers(column, '=', number);
    }
    case 'phrase':
      return textEquals(column, value.text);
    case 'wildcard':
      return matches(column, wildcardPattern(value.pattern));
    case 'regex':
      return matches(column, re2Pattern(value.source, value.flags));
    case 'cidr':
      return cidrPair(column, value.text);
    case 'range': {
      const parts = [exactly(present(column))];
      if (value.from !== '*') parts.push(comparison(value.includeFrom ? '>=' : '>', value.from, field, column));
      if (value.to !== '*') parts.push(comparison(value.includeTo ? '<=' : '<', value.to, field, column));
      return intersection(parts);
    }
    case 'in':
      return inPair(value.values, field, column);
    case 'in-file':
      return UNSURE;
  }
}

/** As `valuePair` for `field op scalar`. */
export function comparePair(op: Order, scalar: Scalar, field: string, column: ValueColumn): Pair {
  if (op !== '=') return comparison(op, scalar, field, column);
  if (scalar.kind === 'text') return textEquals(column, scalar.text);
  const compared = comparison('=', scalar, field, column);
  if (scalar.kind === 'relative') return compared;
  const written = scalar.kind === 'number' ? `${scalar.text}${scalar.unit ?? ''}` : scalar.text;
  return union([compared, textEquals(column, written)]);
}

function present(column: ValueColumn): Sql {
  return sql(`${column.sql} IS NOT NULL`);
}

/** The very text. */
export function textEquals(column: ValueColumn, text: string): Pair {
  if (column.type === 'int') {
    const number = /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? BigInt(text) : undefined;
    return exactly(number === undefined ? FALSE : sql(`COALESCE(${column.sql} = ?, FALSE)`, number));
  }
  if (!hasOneSpelling(text)) return { may: present(column), surely: FALSE };
  return exactly(sql(`COALESCE(${column.sql} = ?, FALSE)`, text));
}

/** What a column of UTF-8 gives back as it was put in: no lone surrogate, nor what stands in for one. */
function hasOneSpelling(text: string): boolean {
  return !/[\ufffd\p{Surrogate}\u0000]/u.test(text);
}

function comparison(op: Order, scalar: Scalar, field: string, column: ValueColumn): Pair {
  if (scalar.kind === 'number') {
    if (scalar.unit !== undefined) {
      const { factor, wanted } = quantityScale(scalar.text, scalar.unit, field);
      return compareQuantities(column, op, factor, wanted);
    }
    const number = decimalOf(scalar.text);
    return number === undefined ? exactly(FALSE) : compareNumbers(column, op, number);
  }
  if (scalar.kind !== 'text') return { may: present(column), surely: FALSE };
  const number = decimalOf(scalar.text);
  return number === undefined ? compareTexts(column, op, scalar.text) : compareNumbers(column, op, number);
}

/** Texts that are no numbers, in the order of code units, which is that of UTF-8 but for what is above U+D7FF. */
function compareTexts(column: ValueColumn, op: Order, wanted: string): Pair {
  if (column.type === 'int') return exactly(FALSE);
  if (/[^\u0001-\ud7ff]/.test(wanted)) return { may: present(column), surely: FALSE };
  const isText = isNumber(column);
  return exactly(sql(`(COALESCE(${column.sql} ${op} ?, FALSE) AND NOT ${isText.text})`, wanted));
}

function matches(column: ValueColumn, pattern: string | undefined): Pair {
  if (pattern === undefined) return { may: present(column), surely: FALSE };
  const text = column.type === 'int' ? `CAST(${column.sql} AS VARCHAR)` : column.sql;
  return exactly(matchesRegex(text, pattern));
}

/** A wildcard pattern over a whole value for RE2; undefined where it names what UTF-8 cannot hold. */
function wildcardPattern(pattern: string): string | undefined {
  if (!hasOneSpelling(pattern)) return undefined;
  const pieces = piecesOf(pattern).map((piece) =>
    piece.map((character) => (character === undefined ? '.' : literal(character))).join(''),
  );
  return `(?s:\\A${pieces.join('.*')}\\z)`;
}

function cidrPair(column: ValueColumn, text: string): Pair {
  if (parseCidr(text) === undefined || column.type === 'int') return exactly(FALSE);
  const address = sql(`COALESCE(regexp_full_match(${column.sql}, '[0-9A-Fa-f:.]+'), FALSE)`);
  return union([{ may: address, surely: FALSE }, textEquals(column, text)]);
}

function inPair(values: readonly Scalar[], field: string, column: ValueColumn): Pair {
  const texts: string[] = [];
  const numbers: Decimal[] = [];
  const others: Scalar[] = [];
  for (const scalar of values) {
    const isPlain = scalar.kind === 'number' && scalar.unit === undefined;
    const number = isPlain ? decimalOf(scalar.text) : undefined;
    if (number !== undefined) numbers.push(number);
    if (scalar.kind === 'text' || isPlain) texts.push(scalar.text);
    else others.push(scalar);
  }
  if (values.length > MOST_VALUES || (column.type === 'text' && !texts.every(hasOneSpelling))) {
    return { may: present(column), surely: FALSE };
  }
  if (column.type === 'int') {
    return union([
      ...texts.map((text) => textEquals(column, text)),
      ...numbers.map((number) => compareNumbers(column, '=', number)),
      ...others.map((scalar) => comparePair('=', scalar, field, column)),
    ]);
  }
  const listed =
    texts.length === 0
      ? FALSE
      : sql(`COALESCE(${column.sql} IN (${texts.map(() => '?').join(', ')}), FALSE)`, ...texts);
  return union([
    exactly(listed),
    ...numbers.map((number) => compareNumbers(column, '=', number)),
    ...others.map((scalar) => comparePair('=', scalar, field, column)),
  ]);
}
