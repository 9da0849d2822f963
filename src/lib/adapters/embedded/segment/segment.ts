import { join } from 'node:path';
import { COLUMNS } from '../../../query/sql-columns.ts';
import { sqlText } from './duckdb.ts';
import type { SegmentEntry } from '../layout.ts';
import { PlainColumn } from '../seal/plain-parquet.ts';

/**
 * Rows of a row group, whole vectors of DuckDB. With 10,240 of 800 bytes `logs ship` took 100 MB more memory, and what
 * it wrote was 3 % smaller.
 */
export const GROUP_ROWS = 4_096;

/** VARCHAR, the log id of each row: only in segments that have events which came with theirs. */
export const ID = 'id';

/** The columns of a segment being built, in file order. */
export function newColumns(): {
  readonly ts: PlainColumn;
  readonly flags: PlainColumn;
  readonly level: PlainColumn;
  readonly service: PlainColumn;
  readonly host: PlainColumn;
  readonly message: PlainColumn;
  readonly line: PlainColumn;
  readonly lineBytes: PlainColumn;
  readonly context: PlainColumn;
  readonly id: PlainColumn;
} {
  return {
    ts: new PlainColumn(COLUMNS.ts, 'int64'),
    flags: new PlainColumn(COLUMNS.flags, 'int32'),
    level: new PlainColumn(COLUMNS.level, 'int8'),
    service: new PlainColumn(COLUMNS.service, 'text'),
    host: new PlainColumn(COLUMNS.host, 'text'),
    message: new PlainColumn(COLUMNS.message, 'text'),
    line: new PlainColumn(COLUMNS.line, 'text'),
    lineBytes: new PlainColumn(COLUMNS.lineBytes, 'bytes'),
    context: new PlainColumn(COLUMNS.context, 'text'),
    id: new PlainColumn(ID, 'text'),
  };
}

/** Turns a plain Parquet file into a segment's. `groupRows` below `GROUP_ROWS` needs less memory. */
export function copySql(plain: string, target: string, groupRows: number): string {
  return (
    `COPY (SELECT * FROM read_parquet(${sqlText(plain)})) TO ${sqlText(target)} ` +
    `(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE ${groupRows}, DICTIONARY_SIZE_LIMIT 1000)`
  );
}

/** The table of a segment's rows; `file_row_number` is the row, from 0. */
export function tableSql(path: string): string {
  return `read_parquet(${sqlText(path)}, file_row_number = true)`;
}

/** The bytes received. Never the VARCHAR itself: reading that drops a leading U+FEFF (reliability.md M5). */
export const RAW_SQL = `coalesce(encode(${COLUMNS.line}), ${COLUMNS.lineBytes})`;

export function parquetPath(tenantDir: string, segment: Pick<SegmentEntry, 'day' | 'name'>): string {
  return join(tenantDir, segment.day, `${segment.name}.parquet`);
}

export function idxPath(tenantDir: string, segment: Pick<SegmentEntry, 'day' | 'name'>): string {
  return join(tenantDir, segment.day, `${segment.name}.idx`);
}

const DAY_MS = 86_400_000;

/** `YYYY.MM.DD` of a day counted from 1970. */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '.');
}
