import type { DuckDBBigIntVector, DuckDBBlobVector, DuckDBIntegerVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { crcOf } from '../../../buffer/crc.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { errorCode } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import type { Sql } from '../../../query/sql.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { EventContext, LogRecord } from '../../../record/record.ts';
import type { TimeRange } from '../../../store/store.ts';
import { type Duck, type SqlParam, sqlText } from '../segment/duckdb.ts';
import { decodeIndex, runOf, type SegmentIndex } from '../segment/idx.ts';
import type { FileSum, RowRun, SegmentEntry } from '../layout.ts';
import { formatLogId } from '../../../record/log-id.ts';
import { SegmentGone } from './segment-gone.ts';
import { MARKED_ROLES } from '../segment/marks.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { ID, idxPath, keyColumn, parquetPath, tableSql } from '../segment/segment.ts';

/** Files whose checksum was right when this process looked; segments never change. */
const checked = new Set<string>();
/** Different contexts in a store are few; they are parsed once. */
const contexts = new Map<string, EventContext>();
const MOST_CONTEXTS = 1000;

/** A segment whose files have the bytes that were committed. */
export interface OpenSegment {
  readonly entry: SegmentEntry;
  readonly path: string;
  /** For FROM; `file_row_number` is the row, from 0. */
  readonly table: string;
  readonly index: SegmentIndex;
}

/** Throws STORE_DAMAGED when a file of the segment is missing or does not have the bytes that were committed. */
export async function openSegment(fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<OpenSegment> {
  const path = parquetPath(tenantDir, entry);
  const idx = idxPath(tenantDir, entry);
  const index = decodeIndex(await readWhole(fs, idx, entry.idx, entry), idx);
  if (index.rows !== entry.rows) throw new LogsError('STORE_DAMAGED', `${idx} is not that of its segment`);
  if (!checked.has(path)) {
    await readWhole(fs, path, entry.parquet, entry);
    checked.add(path);
  }
  return { entry, path, table: tableSql(path), index };
}

/**
 * Whether the files of a segment are there in the size that was committed: what a count that reads none of them still
 * owes. Throws STORE_DAMAGED.
 */
export async function checkFiles(fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<void> {
  const files = [
    [parquetPath(tenantDir, entry), entry.parquet],
    [idxPath(tenantDir, entry), entry.idx],
  ] as const;
  const found = await Promise.all(files.map(([path]) => fs.stat(path)));
  for (const [at, [path, { bytes }]] of files.entries()) {
    const size = found[at]?.size;
    if (size === undefined) throw new SegmentGone(path, entry);
    if (size !== bytes) throw new LogsError('STORE_DAMAGED', `${path} does not have the bytes that were written`);
  }
}

/** The bytes of a file of a segment if they are those that were committed. Throws STORE_DAMAGED, SegmentGone. */
export async function readWhole(fs: Fs, path: string, sum: FileSum, segment: SegmentEntry): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await fs.readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new SegmentGone(path, segment, error);
    throw new LogsError('STORE_DAMAGED', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (bytes.length !== sum.bytes || crcOf(bytes) !== sum.crc) {
    throw new LogsError('STORE_DAMAGED', `${path} does not have the bytes that were written`);
  }
  return bytes;
}

export type Order = 'oldest' | 'newest';

/** Row numbers and times, in the order asked for. */
export interface RowPage {
  readonly rows: readonly number[];
  readonly times: readonly bigint[];
  /** Of the last row, where the segment has ids: else the order of rows is that of ids. */
  readonly lastId: string | undefined;
}

/** The part of a WHERE clause that a range of time gives. */
export function rangeSql(range: TimeRange): string {
  const { from, to } = range;
  const parts = ['TRUE'];
  if (from !== undefined) parts.push(`${COLUMNS.ts} >= ${clamp(from)}`);
  if (to !== undefined) parts.push(`${COLUMNS.ts} < ${clamp(to)}`);
  return parts.join(' AND ');
}

/** Bounds beyond BIGINT hold for every row or none, as do the ends of BIGINT themselves. */
function clamp(ts: bigint): string {
  const most = 2n ** 63n - 1n;
  return `${ts > most ? most : ts < -most ? -most : ts}::BIGINT`;
}

/** The next rows in (time, id) order that may match, at most `limit`, behind the row given. */
export async function rowsPage(
  duck: Duck,
  segment: OpenSegment,
  asked: {
    readonly filter: Sql;
    readonly range: TimeRange;
    readonly order: Order;
    readonly limit: number;
    readonly after?: { readonly ts: bigint; readonly row: number; readonly id: string | undefined };
  },
  signal: AbortSignal,
): Promise<RowPage> {
  const { filter, range, order, limit, after } = asked;
  const [direction, sign] = order === 'oldest' ? ['ASC', '>'] : ['DESC', '<'];
  const { ids } = segment.entry;
  const id = ids === undefined ? 'NULL' : ID;
  // Several rows may have one id: an event that was sent again is kept again.
  const row = `file_row_number ${sign} ${after?.row}`;
  const next =
    after?.id === undefined ? row : `(${ID} ${sign} ${sqlText(after.id)} OR (${ID} = ${sqlText(after.id)} AND ${row}))`;
  const behind =
    after === undefined ? 'TRUE' : `(${COLUMNS.ts} ${sign} ${after.ts} OR (${COLUMNS.ts} = ${after.ts} AND ${next}))`;
  const chunks = await duck.query(
    `SELECT file_row_number, ${COLUMNS.ts}, ${id} FROM ${segment.table}
      WHERE ${rangeSql(range)} AND ${behind} AND (${filter.text})
      ORDER BY ${COLUMNS.ts} ${direction}, ${ids === undefined ? '' : `${ID} ${direction}, `}file_row_number ${direction} LIMIT ${limit}`,
    filter.params,
    signal,
  );
  const rows: number[] = [];
  const times: bigint[] = [];
  let lastId: string | undefined;
  for (const chunk of chunks) {
    const numbers = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const stamps = chunk.getColumnVector(1) as DuckDBBigIntVector;
    for (let at = 0; at < chunk.rowCount; at++) {
      rows.push(Number(numbers.getItem(at)));
      times.push(stamps.getItem(at) ?? 0n);
    }
    if (ids !== undefined && chunk.rowCount > 0) lastId = String(chunk.getColumnVector(2).getItem(chunk.rowCount - 1));
  }
  return { rows, times, lastId };
}

/** The records of rows, in the order of `rows`. */
export async function recordsOf(
  duck: Duck,
  segment: OpenSegment,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<LogRecord[]> {
  if (rows.length === 0) return [];
  const found = new Map<number, LogRecord>();
  await eachRow(duck, segment, `file_row_number IN (${rows.join(',')})`, [], signal, (row, record) => {
    found.set(row, record);
  });
  return rows.map((row) => {
    const record = found.get(row);
    if (record === undefined) throw new LogsError('STORE_DAMAGED', `${segment.path} has no row ${row}`);
    return record;
  });
}

/** Visits the records of all rows that a condition takes; bounded by the caller. */
export async function eachRow(
  duck: Duck,
  segment: OpenSegment,
  condition: string,
  params: readonly SqlParam[],
  signal: AbortSignal,
  visit: (row: number, record: LogRecord, ts: bigint) => void,
): Promise<void> {
  const { ids, columns } = segment.entry;
  const values = [...MARKED_ROLES, ...columns.map((_, at) => keyColumn(at))];
  // Texts as bytes: read as VARCHAR a leading U+FEFF would be lost (reliability.md M5).
  const texts = [COLUMNS.rest, COLUMNS.message, ...values].map((name) => `encode(CAST(${name} AS VARCHAR))`);
  const chunks = await duck.query(
    `SELECT file_row_number, ${COLUMNS.lineBytes}, ${COLUMNS.context}, ${COLUMNS.ts}, ${ids === undefined ? 'NULL' : ID}, ${COLUMNS.flags},
       ${texts.join(', ')} FROM ${segment.table} WHERE ${condition}`,
    params,
    signal,
  );
  for (const chunk of chunks) {
    const numbers = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const raws = chunk.getColumnVector(1) as DuckDBBlobVector;
    const contextTexts = chunk.getColumnVector(2) as DuckDBVarCharVector;
    const times = chunk.getColumnVector(3) as DuckDBBigIntVector;
    const idTexts = ids === undefined ? undefined : (chunk.getColumnVector(4) as DuckDBVarCharVector);
    const flags = chunk.getColumnVector(5) as DuckDBIntegerVector;
    const textAt = (index: number, at: number): string | undefined => {
      const bytes = (chunk.getColumnVector(FIRST_TEXT + index) as DuckDBBlobVector).getItemBytes(at);
      return bytes === null ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    };
    for (let at = 0; at < chunk.rowCount; at++) {
      const row = Number(numbers.getItem(at));
      const ts = times.getItem(at) ?? 0n;
      const bytes = raws.getItemBytes(at);
      const rest = textAt(0, at);
      if (bytes === null && rest === undefined)
        throw new LogsError('STORE_DAMAGED', `${segment.path}: row ${row} has no text`);
      // The bytes of short values stay in DuckDB's memory, which goes with the chunk.
      const raw =
        rest === undefined
          ? Buffer.from(bytes ?? [])
          : Buffer.from(
              rebuildLine({
                ts,
                flags: flags.getItem(at) ?? 0,
                rest,
                message: textAt(1, at),
                column: (index) => textAt(index + 2, at),
              }),
              'utf8',
            );
      const id = idTexts?.getItem(at) ?? undefined;
      visit(row, rebuild(raw, contextTexts.getItem(at) ?? '{}', segment.index, row, id), ts);
    }
  }
}

/** Index of the column `rest` in what `eachRow` selects. */
const FIRST_TEXT = 6;

/** The record of a row: the same as when its segment was built, since parsing depends on nothing else. */
function rebuild(raw: Buffer, context: string, { runs }: SegmentIndex, row: number, id: string | undefined): LogRecord {
  const run = runOf(runs, row);
  return parseEvent(raw, contextOf(context), BigInt(run.received) * 1_000_000n, id ?? placeId(run, row));
}

function placeId({ received, writer, seq, line, firstRow }: RowRun, row: number): string {
  return formatLogId(received, writer, seq, line + row - firstRow);
}

/** The id that a row's place in the log files gives: its own, where its event came with none. */
export function placeIdOf({ runs }: SegmentIndex, row: number): string {
  return placeId(runOf(runs, row), row);
}

function contextOf(text: string): EventContext {
  let context = contexts.get(text);
  if (context === undefined) {
    if (contexts.size >= MOST_CONTEXTS) contexts.clear();
    context = JSON.parse(text) as EventContext;
    contexts.set(text, context);
  }
  return context;
}
