import { COLUMNS, ROW_FLAGS } from '../../../query/sql-columns.ts';
import { columnOfKey, FIRST_KEY, markSql, type SegmentTable } from '../../../query/key-columns.ts';
import { hasNoFlag, tellsAll } from '../../../query/sql-flags.ts';
import { type Sql, sql } from '../../../query/sql-pair.ts';
import { soleRole } from '../../../query/field-kind.ts';
import { zoneOf } from '../../../query/zone.ts';
import { aliasOf, FIELD_ALIASES } from '../../../record/aliases.ts';
import { LEVELS, type Level } from '../../../record/level.ts';
import { type Fields, RawNumber } from '../../../record/record.ts';
import { HOUR_NS, SECOND_NS } from '../../../record/time.ts';
import type { AggregatePlan } from '../../../store/store.ts';
import type { Likeness } from './likeness.ts';

/** One thing that rows are grouped by in SQL. */
export interface RowKey {
  /** Columns of the result, in order: what the group is by and, of a text, as bytes. */
  readonly columns: readonly { readonly by: string; readonly shown?: string }[];
  /** A condition that must hold of a row for its columns to tell all. */
  readonly told?: Sql;
  /** Puts the values of the columns into what stands for the rows. */
  set(likeness: Likeness, values: readonly unknown[]): void;
  /** To be asked instead where some value reads as a number: it tells numbers from texts, for the price of the line. */
  readonly typed?: { readonly key: RowKey; isNeeded(values: readonly unknown[]): boolean };
}

/** How much is asked of the columns: whether `200` and `"200"` must be told apart. */
export interface RowKeyOptions {
  readonly table: SegmentTable;
  /** Numbers and texts that read like them are two: a key or a `distinct` of it. */
  readonly typed: boolean;
}

/** What may have been a number in the event. */
const JSON_NUMBER = '-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?';
const IS_JSON_NUMBER = new RegExp(`^(?:${JSON_NUMBER})$`);

const LEVEL_NAMES = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));

/** The time of events in steps as coarse as the plan's intervals and its zone allow; undefined where only the event tells. */
export function timeKey(interval: bigint, clock: AggregatePlan['clock']): RowKey | undefined {
  if (interval % SECOND_NS !== 0n) return undefined;
  // Clocks are put forward and back at whole half minutes in every zone since 1970.
  const coarsest = zoneOf(clock.zone) === 'UTC' ? HOUR_NS : 30n * SECOND_NS;
  const step = interval % coarsest === 0n ? coarsest : coarsest === HOUR_NS ? shared(interval, HOUR_NS) : SECOND_NS;
  return {
    columns: [{ by: `${COLUMNS.ts} // ${step}::BIGINT` }],
    set: (likeness, [value]) => {
      likeness.ts = (value as bigint) * step;
    },
  };
}

function shared(a: bigint, b: bigint): bigint {
  return b === 0n ? a : shared(b, a % b);
}

/** A field in SQL; undefined where the segment has no column that tells its values. */
export function fieldKey(field: string, { table, typed }: RowKeyOptions): RowKey | undefined {
  const role = soleRole(field);
  switch (role) {
    case 'level':
      return {
        columns: [{ by: COLUMNS.level }],
        set: (likeness, [value]) => {
          likeness.level = (LEVEL_NAMES.get(Number(value)) ?? 'UNKNOWN') as Level;
        },
      };
    case 'service':
    case 'host':
    case 'trace_id':
    case 'span_id':
    case 'message':
      return {
        columns: [textColumn(role)],
        ...(role === 'message' ? { told: hasNoFlag('MARKS', table) } : {}),
        set: (likeness, [value]) => {
          const text = textOf(value);
          if (text !== undefined) likeness[role] = text;
        },
      };
    default:
      // Under an alias of a role, or of another field, there may be more than one value.
      return aliasOf(field) === undefined && !FIELD_ALIASES.has(field) ? keyOf(field, table, typed) : undefined;
  }
}

function keyOf(key: string, table: SegmentTable, typed: boolean): RowKey | undefined {
  const column = columnOfKey(table, key);
  if (column === undefined) return undefined;
  const name = column.sql;
  const mark = markSql(FIRST_KEY + Number(name.slice(1)));
  const isNumber =
    column.type === 'int' ? `${name} IS NOT NULL` : `COALESCE(regexp_full_match(${name}, '${JSON_NUMBER}'), FALSE)`;
  // A value that reads as a number is one where it stood without quotes in the line.
  const quoted = `contains(${COLUMNS.rest}, '"' || ${mark})`;
  const told = tellsAll(column, table);
  const shown = column.type === 'int' ? { by: name } : textColumn(name);
  const set = (likeness: Likeness, value: unknown, asText: boolean): void => {
    const text = typeof value === 'bigint' ? String(value) : textOf(value);
    if (text !== undefined) define(likeness.fields, key, asText ? text : numberOf(text));
  };
  const plain: RowKey = { columns: [shown], told, set: (likeness, [value]) => set(likeness, value, true) };
  if (!typed) return plain;
  const typedKey: RowKey = {
    columns: [shown, { by: `CASE WHEN ${isNumber} THEN COALESCE(${quoted}, FALSE) ELSE TRUE END` }],
    told: sql(
      `(${told.text} AND (NOT (${isNumber}) OR ((${COLUMNS.flags} & ${ROW_FLAGS.JSON | ROW_FLAGS.WHOLE}) = ${ROW_FLAGS.JSON} AND COALESCE(contains(${COLUMNS.rest}, ${mark}), FALSE))))`,
    ),
    set: (likeness, [value, isText]) => set(likeness, value, isText === true),
  };
  if (column.type === 'int') return typedKey;
  return { ...plain, typed: { key: typedKey, isNeeded: ([value]) => IS_JSON_NUMBER.test(textOf(value) ?? '') } };
}

/** A number as JSON gives it: as it was written where JavaScript has it otherwise. */
function numberOf(text: string): number | RawNumber {
  const number = Number(text);
  return String(number) === text ? number : new RawNumber(text);
}

function define(fields: Fields, key: string, value: string | number | RawNumber): void {
  Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Read as bytes: as VARCHAR a leading U+FEFF would be lost. */
function textColumn(name: string): { readonly by: string; readonly shown: string } {
  return { by: name, shown: 'encode' };
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return Buffer.from((value as { readonly bytes: Uint8Array }).bytes).toString('utf8');
}
