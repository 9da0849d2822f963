import type {
  DuckDBBigIntVector,
  DuckDBBlobVector,
  DuckDBDataChunk,
  DuckDBIntegerVector,
  DuckDBVarCharVector,
} from '@duckdb/node-api';
import { LogsError } from '../../../errors.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { SegmentEntry } from '../layout.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { SqlParam } from '../segment/sql-literals.ts';
import { runOf } from '../segment/idx.ts';
import { markedColumnAt, markedColumnsSql } from '../segment/marked-columns.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { contextOf, textAt } from '../segment/row-cells.ts';
import { rowsIn } from './row-set.ts';
import { type GroupRows, idSql, rowsOf } from './rows-sql.ts';
import { placeId } from './segment-reader.ts';

/** The records of rows that are in a part, by their numbers and in the order of `rows`, which are all different. */
export async function recordsOf(
  duck: Duck,
  part: GroupRows,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, LogRecord>> {
  if (rows.length === 0) return new Map();
  const { segment } = part;
  const found = new Map<number, LogRecord>();
  const where = rowsIn(
    segment.starts,
    [...rows].sort((a, b) => a - b),
  );
  await eachRow(duck, [part], where, [], signal, (row, record) => found.set(row, record));
  return new Map(
    rows.map((row) => {
      const record = found.get(row);
      if (record === undefined) throw new LogsError('STORE_DAMAGED', `${segment.path} has no row ${row}`);
      return [row, record];
    }),
  );
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
  const chunks = await duck.query(
    `SELECT ${recordColumns(first.segment.entry)} FROM ${rowsOf(parts)} WHERE ${condition}`,
    params,
    signal,
  );
  for (const chunk of chunks) {
    const numbers = chunk.getColumnVector(1) as DuckDBBigIntVector;
    const times = chunk.getColumnVector(2) as DuckDBBigIntVector;
    const recordAt = recordsIn(chunk, parts);
    for (let index = 0; index < chunk.rowCount; index++)
      visit(Number(numbers.getItem(index)), recordAt(index), times.getItem(index) ?? 0n);
  }
}

/** The columns of `rowsOf` that records are made of, for SELECT: the first four are part, row, time and id. */
export function recordColumns(entry: SegmentEntry): string {
  return [
    'part',
    'file_row_number',
    COLUMNS.ts,
    idSql(entry.ids),
    COLUMNS.flags,
    `encode(${COLUMNS.message})`,
    `encode(${COLUMNS.rest})`,
    COLUMNS.lineBytes,
    COLUMNS.context,
    ...markedColumnsSql(entry),
  ].join(', ');
}

/** Whether records of all of some segments can be made of the same columns. */
export function haveRecordColumns(parts: readonly GroupRows[]): boolean {
  return new Set(parts.map(({ segment }) => recordColumns(segment.entry))).size === 1;
}

const FIRST_MARKED = 9;

/** Makes the records of a chunk of `recordColumns`, each by its index. */
export function recordsIn(chunk: DuckDBDataChunk, parts: readonly GroupRows[]): (index: number) => LogRecord {
  const part = chunk.getColumnVector(0) as DuckDBIntegerVector;
  const numbers = chunk.getColumnVector(1) as DuckDBBigIntVector;
  const times = chunk.getColumnVector(2) as DuckDBBigIntVector;
  const ids = chunk.getColumnVector(3);
  const flags = chunk.getColumnVector(4) as DuckDBIntegerVector;
  const messages = chunk.getColumnVector(5) as DuckDBBlobVector;
  const rests = chunk.getColumnVector(6) as DuckDBBlobVector;
  const lines = chunk.getColumnVector(7) as DuckDBBlobVector;
  const contexts = chunk.getColumnVector(8) as DuckDBVarCharVector;
  // Few values are taken out of lines, and most columns are never asked.
  const marked: (DuckDBBlobVector | undefined)[] = [];
  const markedAt = (place: number): DuckDBBlobVector =>
    (marked[place] ??= chunk.getColumnVector(FIRST_MARKED + place) as DuckDBBlobVector);
  return (index) => {
    const row = Number(numbers.getItem(index));
    const segment = parts[part.getItem(index) ?? 0]?.segment;
    const rest = textAt(rests, index);
    const bytes = rest === undefined ? lines.getItemBytes(index) : null;
    if (segment === undefined || (rest === undefined && bytes === null))
      throw new LogsError('STORE_DAMAGED', `${segment?.path ?? 'a segment'}: row ${row} has no text`);
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
              column: (mark) => textAt(markedAt(markedColumnAt(mark, segment.entry)), index),
            }),
          );
    const run = runOf(segment.index.runs, row);
    const id = ids.getItem(index);
    const received = BigInt(run.received) * 1_000_000n;
    const context = contextOf(contexts.getItem(index) ?? '{}');
    return parseEvent(raw, context, received, typeof id === 'string' ? id : placeId(run, row));
  };
}
