import { COLUMNS, MESSAGE_TIME } from './sql-columns.ts';

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
  /** Columns whose values were taken out of messages, numbered as their marks have them; all where that is not known. */
  readonly marked?: readonly number[];
  /** Those of them whose values are hexadecimal digits and `-` alone, numbered so; where that is not known, none. */
  readonly hex?: readonly number[];
  /** Numbers of the columns that do not tell all in rows with the flag OPAQUE; any may where that is not known. */
  readonly opaque?: readonly number[];
  /** False where no line and no value taken out of one holds a name of `TEXT_NAMES` as it stands. */
  readonly namesTexts?: boolean;
  /** False where no message begins with white space or a brace, so that none is an object of JSON. */
  readonly objects?: boolean;
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

/** A column whose values may be taken out of messages: SQL of its name, and the number that its marks have. */
export interface MarkedColumn {
  readonly sql: string;
  readonly number: number;
  /** What all of its values match, where something is known of them. */
  readonly only: RegExp | undefined;
  /** Set where messages begin with its values, or with a `[` and those. */
  readonly first?: true;
}

/** The code of the second byte of a mark for column 0 and for form 0, and the numbers of columns; `service` is 0, `host` 1. */
export const MARK_BASE = 0x20;
const TRACE_ID = 2;
const SPAN_ID = 3;
/** That of `k0`. */
export const FIRST_KEY = 4;
/** That of the column of times that messages begin with. */
export const MESSAGE_TIME_NUMBER = 62;

/** SQL of the mark of a column's value. */
export function markSql(number: number): string {
  return `chr(6) || chr(${MARK_BASE + number})`;
}

export function markedColumns(table: SegmentTable): readonly MarkedColumn[] {
  const { columns, marked, hex = [] } = table;
  const keys = columns.flatMap(({ type }, at) => (type === 'text' ? [{ sql: `k${at}`, number: FIRST_KEY + at }] : []));
  const all = [{ sql: COLUMNS.traceId, number: TRACE_ID }, { sql: COLUMNS.spanId, number: SPAN_ID }, ...keys];
  const some = marked === undefined ? all : all.filter(({ number }) => marked.includes(number));
  const found = some.map((column) => ({ ...column, only: hex.includes(column.number) ? HEX : undefined }));
  return hasMessageTimes(table) ? [...found, MESSAGE_TIMES] : found;
}

const HEX = /^[0-9a-f-]+$/i;
const MESSAGE_TIMES: MarkedColumn = {
  sql: MESSAGE_TIME,
  number: MESSAGE_TIME_NUMBER,
  only: /^[-0-9T:.,Z+/ ]+$/i,
  first: true,
};

/** Whether segments have a column of times that messages begin with: only those that say so do. */
export function hasMessageTimes({ marked = [] }: Pick<SegmentTable, 'marked'>): boolean {
  return marked.includes(MESSAGE_TIME_NUMBER);
}
