import type { CompareOp } from './ast.ts';
import { holds } from './compare.ts';
import type { Decimal } from './decimal.ts';
import type { ValueColumn } from './key-columns.ts';
import { exactly, FALSE, type Pair, type Sql, sql } from './sql-pair.ts';

/** The texts that `decimalOf` reads as numbers. */
const NUMBER = '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,15})?';
/** Whole numbers that a double holds exactly, in any spelling without exponent. */
const WHOLE = '[+-]?[0-9]{1,15}';
const MOST = 1e15;

/** Whether a text column's value is a number; FALSE where there is none. */
export function isNumber({ sql: column }: ValueColumn): Sql {
  return sql(`COALESCE(regexp_full_match(${column}, '${NUMBER}'), FALSE)`);
}

type Order = Exclude<CompareOp, '!='>;

/**
 * Values that are numbers, compared by value. Doubles keep order, so only where both round to the same one the digits
 * decide: exactly known for whole numbers below 10^15.
 */
export function compareNumbers(column: ValueColumn, op: Order, wanted: Decimal): Pair {
  const isWhole =
    Number.isSafeInteger(wanted.near) && Math.abs(wanted.near) < MOST && /^[+-]?\d{1,15}$/.test(wanted.text);
  if (column.type === 'int') return exactly(compareWhole(column.sql, op, wanted, isWhole));
  const found = `TRY_CAST(${column.sql} AS DOUBLE)`;
  const bound = Number.isFinite(wanted.near) ? '?::DOUBLE' : `'${wanted.near > 0 ? '' : '-'}inf'::DOUBLE`;
  const near = Number.isFinite(wanted.near) ? [wanted.near] : [];
  const sameIs = holds(op, 0) ? 'TRUE' : 'FALSE';
  const condition = (unsure: 'TRUE' | 'FALSE'): Sql => {
    const equal = isWhole
      ? `CASE WHEN regexp_full_match(${column.sql}, '${WHOLE}') THEN ${sameIs} ELSE ${unsure} END`
      : unsure;
    const unequal = op === '=' ? 'FALSE' : `${found} ${op.charAt(0)} ${bound}`;
    return sql(
      `CASE WHEN regexp_full_match(${column.sql}, '${NUMBER}') THEN COALESCE(CASE WHEN ${found} = ${bound} THEN ${equal} ELSE ${unequal} END, ${unsure}) ELSE FALSE END`,
      ...near,
      ...(op === '=' ? [] : near),
    );
  };
  return { may: condition('TRUE'), surely: condition('FALSE') };
}

/** A BIGINT against any decimal: what is no whole number lies between two, and what is beyond 10^15 beyond all values. */
function compareWhole(column: string, op: Order, wanted: Decimal, isWhole: boolean): Sql {
  if (isWhole) return sql(`COALESCE(${column} ${op} ?, FALSE)`, BigInt(wanted.near));
  const bounds = neighbours(wanted);
  if (bounds === undefined) {
    // Above or below every value of the column.
    const above = wanted.near > 0;
    const all = above ? op.startsWith('<') : op.startsWith('>');
    return all ? sql(`${column} IS NOT NULL`) : FALSE;
  }
  const [below, above] = bounds;
  if (below === above) return sql(`COALESCE(${column} ${op} ?, FALSE)`, below);
  if (op === '=') return FALSE;
  return op.startsWith('<')
    ? sql(`COALESCE(${column} <= ?, FALSE)`, below)
    : sql(`COALESCE(${column} >= ?, FALSE)`, above);
}

const DIGITS = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The whole numbers next to a decimal, both it itself where it is whole; undefined where it is beyond 10^15. */
function neighbours({ near, text }: Decimal): readonly [below: bigint, above: bigint] | undefined {
  if (!Number.isFinite(near) || Math.abs(near) > MOST * 10) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DIGITS.exec(text) ?? [];
  const digits = BigInt(`${whole}${fraction}`);
  const shift = Number(exponent) - fraction.length;
  if (digits === 0n) return [0n, 0n];
  // Digits and shift give a value near `near`, so a huge shift upwards is not possible; downwards nothing whole is left.
  const size =
    shift >= 0
      ? digits * 10n ** BigInt(shift)
      : shift < -whole.length - fraction.length
        ? 0n
        : digits / 10n ** BigInt(-shift);
  const isWhole = shift >= 0 || (size !== 0n && size * 10n ** BigInt(-shift) === digits);
  if (isWhole) return sign === '-' ? [-size, -size] : [size, size];
  return sign === '-' ? [-size - 1n, -size] : [size, size + 1n];
}

/**
 * Values in a unit: `value × factor` against a quantity, as doubles, just as the predicate does. Texts with a unit of
 * their own may match.
 */
export function compareQuantities(column: ValueColumn, op: Order, factor: number, wanted: number): Pair {
  if (!Number.isFinite(wanted)) return { may: sql(`${column.sql} IS NOT NULL`), surely: FALSE };
  if (column.type === 'int') {
    return exactly(sql(`COALESCE(CAST(${column.sql} AS DOUBLE) * ?::DOUBLE ${op} ?::DOUBLE, FALSE)`, factor, wanted));
  }
  const condition = (unsure: 'TRUE' | 'FALSE', otherwise: string): Sql =>
    sql(
      `CASE WHEN regexp_full_match(${column.sql}, '${NUMBER}') THEN COALESCE(TRY_CAST(${column.sql} AS DOUBLE) * ?::DOUBLE ${op} ?::DOUBLE, ${unsure}) ELSE ${otherwise} END`,
      factor,
      wanted,
    );
  return {
    may: condition('TRUE', `COALESCE(regexp_matches(${column.sql}, '[0-9]'), FALSE)`),
    surely: condition('FALSE', 'FALSE'),
  };
}
