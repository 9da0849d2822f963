import { join } from 'node:path';
import { sqlText } from './sql-literals.ts';
import type { PromotedColumn, SegmentEntry } from '../layout.ts';

/** VARCHAR, the log id of each row: only in segments that have events which came with theirs. */
export const ID = 'id';

/**
 * Days, months, years with fewer bytes of events are not worth segments of their own: the names of columns, filters and
 * statistics of one take about ten kilobytes. At 20 kB a day, segments of days are 15 times as large as one of a year.
 */
export const LEAST_BYTES = 2 ** 20;

/** The column of the promoted key with an index. */
export function keyColumn(index: number): string {
  return `k${index}`;
}

/**
 * Turns a plain Parquet file, all of whose promoted keys are VARCHAR, into a segment's. Without Bloom filters: the `.idx` has
 * better ones, and these take 2 to 10 % of the disk and 4 % of the time.
 */
export function copySql(
  plain: string,
  target: string,
  how: {
    readonly groupRows: number;
    readonly level: number;
    readonly columns: readonly PromotedColumn[];
    /** Columns of the plain file that the segment does not get. */
    readonly without: readonly string[];
  },
): string {
  const casts = how.columns.flatMap(({ type }, at) =>
    type === 'int' ? [`CAST(${keyColumn(at)} AS BIGINT) AS ${keyColumn(at)}`] : [],
  );
  const all = how.without.length === 0 ? '*' : `* EXCLUDE (${how.without.join(', ')})`;
  const selected = casts.length === 0 ? all : `${all} REPLACE (${casts.join(', ')})`;
  return (
    `COPY (SELECT ${selected} FROM read_parquet(${sqlText(plain)})) TO ${sqlText(target)} ` +
    `(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${how.level}, ROW_GROUP_SIZE ${how.groupRows}, DICTIONARY_SIZE_LIMIT 1000, WRITE_BLOOM_FILTER false)`
  );
}

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
