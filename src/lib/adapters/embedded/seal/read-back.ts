import type { DuckDBBigIntVector, DuckDBBlobVector } from '@duckdb/node-api';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { DayRows } from './day-rows.ts';
import { type Duck, sqlText } from '../segment/duckdb.ts';
import { ID, tableSql } from '../segment/segment.ts';

/** Rows whose text is read back at once: 3 MB of 800-byte events. */
const TEXT_ROWS = 4_096;
/** Rows whose time is read back at once: 4 MB. */
const TIME_ROWS = 2 ** 18;

interface Written {
  readonly parquet: string;
  readonly idx: string;
  readonly index: Buffer;
  /** The rows as they were handed to DuckDB. */
  readonly plain: string;
  readonly rows: Pick<DayRows, 'rows' | 'starts' | 'ends' | 'times' | 'ids'>;
  readonly log: Buffer;
}

/**
 * Reads a segment's final files and compares every row: its text with the bytes in the log, its time with the one
 * read from them, all other columns with what was handed to DuckDB. Throws INTERNAL at the first difference: the log then
 * stays, and nothing is lost.
 */
export async function compareRows(duck: Duck, fs: Fs, written: Written): Promise<void> {
  const { parquet, rows } = written;
  if (!written.index.equals(await fs.readFile(written.idx))) throw differs(parquet, 'its index');
  for (let from = 0; from < rows.rows; from += TIME_ROWS) {
    await compareTimes(duck, written, from, Math.min(from + TIME_ROWS, rows.rows));
  }
  for (let from = 0; from < rows.rows; from += TEXT_ROWS) {
    await compareText(duck, written, from, Math.min(from + TEXT_ROWS, rows.rows));
  }
  await compareColumns(duck, written);
}

async function compareTimes(duck: Duck, { parquet, rows }: Written, from: number, to: number): Promise<void> {
  let row = from;
  for (const chunk of await duck.query(
    `SELECT ${COLUMNS.ts}, file_row_number FROM ${tableSql(parquet)} WHERE ${between(from, to)}`,
    [],
  )) {
    const times = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const numbers = chunk.getColumnVector(1) as DuckDBBigIntVector;
    for (let at = 0; at < chunk.rowCount; at++, row++) {
      if (Number(numbers.getItem(at)) !== row || times.getItem(at) !== rows.times[row]) {
        throw differs(parquet, `the time of row ${row}`);
      }
    }
  }
  if (row !== to) throw differs(parquet, 'the number of rows');
}

/**
 * All texts of a slice come back as one value, because a value a row costs more than making the row did; all lengths as
 * another, for an event may hold the LF that is between them. The order of rows is theirs in the file with DuckDB's
 * single thread; were it another, this would fail, never pass.
 */
async function compareText(duck: Duck, { parquet, rows, log }: Written, from: number, to: number): Promise<void> {
  const table = `${tableSql(parquet)} WHERE ${between(from, to)}`;
  const texts = await duck.query(
    `SELECT encode(string_agg(coalesce(${COLUMNS.line}, ''), chr(10))),
       encode(string_agg(coalesce(strlen(${COLUMNS.line}), 0), ',')), count(${COLUMNS.lineBytes}) FROM ${table}`,
    [],
  );
  const text = (texts[0]?.getColumnVector(0) as DuckDBBlobVector | undefined)?.getItemBytes(0) ?? undefined;
  const lengths = (texts[0]?.getColumnVector(1) as DuckDBBlobVector | undefined)?.getItemBytes(0) ?? undefined;
  const others = Number(texts[0]?.getColumnVector(2).getItem(0) ?? 0);
  if (text === undefined || lengths === undefined) throw differs(parquet, `the text of rows from ${from}`);
  const bytes = others === 0 ? NO_BYTES : await bytesOf(duck, table);
  compareLengths(lengths, bytes, { parquet, rows }, from, to);
  let at = 0;
  for (let row = from; row < to; ) {
    const other = bytes.get(row);
    if (other !== undefined) {
      if (log.compare(other, 0, other.length, rows.starts[row], rows.ends[row]) !== 0) throw rowDiffers(parquet, row);
      row++;
      at++;
      continue;
    }
    // Events that follow each other in the log, with the LF between them, are compared in one go.
    const start = rows.starts[row] ?? 0;
    let last = row;
    while (last + 1 < to && rows.starts[last + 1] === (rows.ends[last] ?? 0) + 1 && !bytes.has(last + 1)) last++;
    const end = rows.ends[last] ?? 0;
    if (log.compare(text, at, at + end - start, start, end) !== 0) throw rowDiffers(parquet, row);
    at += end - start + 1;
    row = last + 1;
  }
  if (at !== text.length + 1) throw differs(parquet, `the text of rows from ${from}`);
}

/** Lengths are decimal, with a comma between them; 0 for an event that is not UTF-8. */
function compareLengths(
  lengths: Uint8Array,
  others: ReadonlyMap<number, Uint8Array>,
  { parquet, rows }: Pick<Written, 'parquet' | 'rows'>,
  from: number,
  to: number,
): void {
  let at = 0;
  for (let row = from; row < to; row++) {
    let length = 0;
    for (let digit = lengths[at]; digit !== undefined && digit !== COMMA; digit = lengths[++at])
      length = length * 10 + digit - ZERO;
    at++;
    const expected = others.has(row) ? 0 : (rows.ends[row] ?? 0) - (rows.starts[row] ?? 0);
    if (length !== expected) throw rowDiffers(parquet, row);
  }
  if (at !== lengths.length + 1) throw differs(parquet, `the text of rows from ${from}`);
}

const ZERO = 0x30;
const COMMA = 0x2c;

const NO_BYTES: ReadonlyMap<number, Uint8Array> = new Map();

/** The events that are not UTF-8, by row. */
async function bytesOf(duck: Duck, table: string): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  for (const chunk of await duck.query(
    `SELECT ${COLUMNS.lineBytes}, file_row_number FROM ${table} AND ${COLUMNS.lineBytes} IS NOT NULL`,
    [],
  )) {
    const values = chunk.getColumnVector(0) as DuckDBBlobVector;
    for (let at = 0; at < chunk.rowCount; at++) {
      const value = values.getItemBytes(at);
      if (value !== null) found.set(Number(chunk.getColumnVector(1).getItem(at)), value);
    }
  }
  return found;
}

/** Compared with the log itself. */
const COMPARED: readonly string[] = [
  COLUMNS.ts,
  COLUMNS.line,
  COLUMNS.lineBytes,
  COLUMNS.rest,
  COLUMNS.traceId,
  COLUMNS.spanId,
];

/** Row by row, inside DuckDB: COPY may have changed nothing of what it was given. */
async function compareColumns(duck: Duck, { parquet, plain, rows }: Written): Promise<void> {
  const columns = Object.values<string>(COLUMNS).filter((name) => !COMPARED.includes(name));
  if (rows.ids) columns.push(ID);
  const unequal = columns.map((name) => `a.${name} IS DISTINCT FROM b.${name}`).join(' OR ');
  const [chunk] = await duck.query(
    `SELECT count(*) FROM (SELECT ${columns.join(', ')} FROM read_parquet(${sqlText(plain)})) a
       POSITIONAL JOIN (SELECT ${columns.join(', ')} FROM read_parquet(${sqlText(parquet)})) b WHERE ${unequal}`,
    [],
  );
  if (Number(chunk?.getColumnVector(0).getItem(0) ?? -1) !== 0) throw differs(parquet, 'a column');
}

function between(from: number, to: number): string {
  return `file_row_number BETWEEN ${from} AND ${to - 1}`;
}

function rowDiffers(parquet: string, row: number): LogsError {
  return differs(parquet, `the text from row ${row} on`);
}

function differs(parquet: string, what: string): LogsError {
  return new LogsError('INTERNAL', `${parquet}: ${what} read back otherwise than the log has it`, {
    hint: 'Nothing is lost: the log file stays and is read. Please report this.',
  });
}
