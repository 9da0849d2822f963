import { COLUMNS } from './sql-columns.ts';

/** A key of the events that has a column of its own in a segment: `k0` is the first, `k1` the next. */
export interface KeyColumn {
  readonly key: string;
  /** `int`: every value is a whole number of at most 15 digits in its one spelling, kept as a BIGINT. */
  readonly type: 'text' | 'int';
}

/** What a filter's SQL has to know of the segments it runs on: those with other columns need other SQL. */
export interface SegmentTable {
  readonly columns: readonly KeyColumn[];
  /** Flags (`ROW_FLAGS`) that some row has; all of them where that is not known. */
  readonly flags?: number;
  /** Numbers of the columns that do not tell all in rows with the flag OPAQUE; any may where that is not known. */
  readonly opaque?: readonly number[];
  /** False where no line and no value taken out of one holds a name of `TEXT_NAMES` as it stands. */
  readonly namesTexts?: boolean;
}

/** Text fields beside the message have one of these in their names. */
export const TEXT_NAMES = ['error', 'stack', 'exception'] as const;

/** Every segment's own columns and no more. */
export const PLAIN_TABLE: SegmentTable = { columns: [] };

/** A column of values: SQL of its name, and what it holds. */
export interface ValueColumn {
  readonly sql: string;
  readonly type: 'text' | 'int';
}

/** The column of a promoted key. */
export interface PromotedValueColumn extends ValueColumn {
  /** Its number: 0 is `k0`. */
  readonly number: number;
}

/** The column of a key; undefined where it has none. */
export function columnOfKey({ columns }: SegmentTable, key: string): PromotedValueColumn | undefined {
  const number = columns.findIndex((column) => column.key === key);
  const column = columns[number];
  return column === undefined ? undefined : { sql: `k${number}`, type: column.type, number };
}

/** Whether some row may have a flag. */
export function mayHaveFlag({ flags }: SegmentTable, flag: number): boolean {
  return flags === undefined || (flags & flag) !== 0;
}

/** The columns whose values may be taken out of messages, each with a mark in its place. */
export function markedColumns({ columns }: SegmentTable): readonly string[] {
  const keys = columns.flatMap(({ type }, at) => (type === 'text' ? [`k${at}`] : []));
  return [COLUMNS.traceId, COLUMNS.spanId, ...keys];
}
