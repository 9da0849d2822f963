import type { DuckDBBigIntVector, DuckDBBlobVector } from '@duckdb/node-api';
import { COLUMNS } from '../../query/sql-columns.ts';
import type { Fs } from '../../buffer/fs.ts';
import { LogsError } from '../../errors.ts';
import type { DayRows } from './day-rows.ts';
import type { Duck } from './duckdb.ts';
import { decodeIndex } from './idx.ts';
import { RAW_SQL, tableSql } from './segment.ts';

/** Rows read back at once: 8 MB of 800-byte events. */
const SLICE = 10_240;

/**
 * Reads a segment's final files and compares every row with the bytes in the log. Throws INTERNAL at the first
 * difference: the log then stays, and nothing is lost.
 */
export async function compareRows(
  duck: Duck,
  fs: Fs,
  files: {
    readonly parquet: string;
    readonly idx: string;
    readonly index: Buffer;
    readonly rows: DayRows;
    readonly log: Buffer;
  },
): Promise<void> {
  const { parquet, rows, log } = files;
  const differs = (row: number, what: string): LogsError =>
    new LogsError('INTERNAL', `${parquet}: row ${row} read back with another ${what} than the log has`, {
      hint: 'Nothing is lost: the log file stays and is read. Please report this.',
    });
  if (!files.index.equals(await fs.readFile(files.idx))) throw differs(0, 'index');
  const runs = decodeIndex(files.index, files.idx).runs;
  let run = 0;
  let row = 0;
  let context = Buffer.alloc(0);
  let contextRun = -1;
  for (let from = 0; from < rows.rows; from += SLICE) {
    const chunks = await duck.query(
      `SELECT ${COLUMNS.ts}, ${RAW_SQL}, encode(${COLUMNS.context}), file_row_number FROM ${tableSql(parquet)}
        WHERE file_row_number BETWEEN ${from} AND ${from + SLICE - 1}`,
      [],
    );
    for (const chunk of chunks) {
      const times = chunk.getColumnVector(0) as DuckDBBigIntVector;
      const raws = chunk.getColumnVector(1) as DuckDBBlobVector;
      const contexts = chunk.getColumnVector(2) as DuckDBBlobVector;
      const numbers = chunk.getColumnVector(3) as DuckDBBigIntVector;
      for (let at = 0; at < chunk.rowCount; at++) {
        while (row >= (runs[run]?.firstRow ?? 0) + (runs[run]?.rows ?? 0)) run++;
        if (run !== contextRun) {
          context = Buffer.from(rows.runContexts[run] ?? '', 'utf8');
          contextRun = run;
        }
        const raw = raws.getItemBytes(at);
        const stored = contexts.getItemBytes(at);
        if (Number(numbers.getItem(at)) !== row) throw differs(row, 'number');
        if (times.getItem(at) !== rows.times[row]) throw differs(row, 'time');
        if (raw === null || log.compare(raw, 0, raw.length, rows.starts[row], rows.ends[row]) !== 0) {
          throw differs(row, 'text');
        }
        if (stored === null || !context.equals(stored)) throw differs(row, 'context');
        row++;
      }
    }
  }
  if (row !== rows.rows) throw differs(row, 'end');
}
