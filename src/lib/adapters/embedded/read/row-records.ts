import type { DuckDBBigIntVector, DuckDBBlobVector, DuckDBIntegerVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { LogsError } from '../../../errors.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { SqlParam } from '../segment/sql-literals.ts';
import { runOf } from '../segment/idx.ts';
import { MARKED_ROLES } from '../segment/marks.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { contextOf, textAt } from '../segment/row-cells.ts';
import { rowsIn } from './row-set.ts';
import { type GroupRows, idSql, rowsOf } from './rows-sql.ts';
import { type OpenSegment, placeId } from './segment-reader.ts';

/** The records of rows of one segment, in the order of `rows`, which are all different. */
export async function recordsOf(
  duck: Duck,
  segment: OpenSegment,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<LogRecord[]> {
  const found = new Map<number, LogRecord>();
  const where = rowsIn(
    segment.starts,
    [...rows].sort((a, b) => a - b),
  );
  const parts = [{ segment, groups: segment.index.groups.map((_, at) => at) }];
  await eachRow(duck, parts, where, [], signal, (row, record) => found.set(row, record));
  return rows.map((row) => {
    const record = found.get(row);
    if (record === undefined) throw new LogsError('STORE_DAMAGED', `${segment.path} has no row ${row}`);
    return record;
  });
}

/** Visits the records of all rows that a condition takes; bounded by the caller. */
export async function eachRow(
  duck: Duck,
  parts: readonly GroupRows[],
  condition: string,
  params: readonly SqlParam[],
  signal: AbortSignal,
  visit: (row: number, record: LogRecord, ts: bigint) => void,
): Promise<void> {
  const [first] = parts;
  if (first === undefined) return;
  const { ids, columns } = first.segment.entry;
  // Never the VARCHAR itself: reading that drops a leading U+FEFF (reliability.md M5).
  const values = [
    ...MARKED_ROLES.map((role) => `encode(${role})`),
    ...columns.map(({ type }, at) => (type === 'int' ? `encode(CAST(k${at} AS VARCHAR))` : `encode(k${at})`)),
  ];
  const fixed = [
    'part',
    'file_row_number',
    COLUMNS.ts,
    COLUMNS.flags,
    `encode(${COLUMNS.message})`,
    `encode(${COLUMNS.rest})`,
    COLUMNS.lineBytes,
    COLUMNS.context,
    idSql(ids),
  ];
  const chunks = await duck.query(
    `SELECT ${[...fixed, ...values].join(', ')} FROM ${rowsOf(parts)} WHERE ${condition}`,
    params,
    signal,
  );
  for (const chunk of chunks) {
    const part = chunk.getColumnVector(0) as DuckDBIntegerVector;
    const numbers = chunk.getColumnVector(1) as DuckDBBigIntVector;
    const times = chunk.getColumnVector(2) as DuckDBBigIntVector;
    const flags = chunk.getColumnVector(3) as DuckDBIntegerVector;
    const messages = chunk.getColumnVector(4) as DuckDBBlobVector;
    const rests = chunk.getColumnVector(5) as DuckDBBlobVector;
    const lines = chunk.getColumnVector(6) as DuckDBBlobVector;
    const texts = chunk.getColumnVector(7) as DuckDBVarCharVector;
    const idsOfRows = ids === undefined ? undefined : (chunk.getColumnVector(8) as DuckDBVarCharVector);
    const marked = values.map((_, index) => chunk.getColumnVector(fixed.length + index) as DuckDBBlobVector);
    for (let index = 0; index < chunk.rowCount; index++) {
      const row = Number(numbers.getItem(index));
      const rest = textAt(rests, index);
      const bytes = rest === undefined ? lines.getItemBytes(index) : null;
      const segment = parts[part.getItem(index) ?? 0]?.segment ?? first.segment;
      if (rest === undefined && bytes === null)
        throw new LogsError('STORE_DAMAGED', `${segment.path}: row ${row} has no text`);
      const raw =
        rest === undefined
          ? // The bytes of short values stay in DuckDB's memory, which goes with the chunk.
            Buffer.from(bytes ?? [])
          : Buffer.from(
              rebuildLine({
                ts: times.getItem(index) ?? 0n,
                flags: flags.getItem(index) ?? 0,
                message: textAt(messages, index),
                rest,
                column: (mark) => textAt(marked[mark], index),
              }),
            );
      const run = runOf(segment.index.runs, row);
      const id = idsOfRows?.getItem(index) ?? placeId(run, row);
      const received = BigInt(run.received) * 1_000_000n;
      const ts = times.getItem(index) ?? 0n;
      visit(row, parseEvent(raw, contextOf(texts.getItem(index) ?? '{}'), received, id), ts);
    }
  }
}
