import type { DuckDBBigIntVector } from '@duckdb/node-api';
import { crcOf } from '../../../buffer/crc.ts';
import { LogsError } from '../../../errors.ts';
import type { Duck } from './duckdb.ts';
import type { ByteRange } from './idx.ts';
import { sqlText } from './sql-literals.ts';

/**
 * Cuts a Parquet file into its row groups and its footer, each with its CRC-32. The pieces leave no byte out: the
 * first begins with the file, the footer ends with it.
 */
export async function readLayout(
  duck: Duck,
  path: string,
  bytes: Buffer,
): Promise<{ readonly groups: readonly (ByteRange & { readonly rows: number })[]; readonly footer: ByteRange }> {
  const chunks = await duck.query(
    `SELECT CAST(max(row_group_num_rows) AS BIGINT),
            CAST(min(least(data_page_offset, CASE WHEN dictionary_page_offset > 0 THEN dictionary_page_offset END)) AS BIGINT)
       FROM parquet_metadata(${sqlText(path)}) GROUP BY row_group_id ORDER BY row_group_id`,
    [],
  );
  const starts: { rows: number; offset: number }[] = [];
  for (const chunk of chunks) {
    const rows = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const offsets = chunk.getColumnVector(1) as DuckDBBigIntVector;
    for (let at = 0; at < chunk.rowCount; at++) {
      starts.push({
        rows: Number(rows.getItem(at)),
        offset: starts.length === 0 && at === 0 ? 0 : Number(offsets.getItem(at)),
      });
    }
  }
  // parquet-format README: the footer's length and the magic number are the last eight bytes.
  const footerStart = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const range = (offset: number, end: number): { offset: number; length: number; crc: number } => {
    if (offset < 0 || end < offset) throw new LogsError('INTERNAL', `${path} has row groups out of order`);
    return { offset, length: end - offset, crc: crcOf(bytes.subarray(offset, end)) };
  };
  const groups = starts.map(({ rows, offset }, at) => ({
    ...range(offset, starts[at + 1]?.offset ?? footerStart),
    rows,
  }));
  return { groups, footer: range(footerStart, bytes.length) };
}
