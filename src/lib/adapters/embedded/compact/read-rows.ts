import type { DuckDBBigIntVector, DuckDBBlobVector, DuckDBIntegerVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { LogsError } from '../../../errors.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { EventContext } from '../../../record/record.ts';
import type { OpenSegment } from '../read/segment-reader.ts';
import type { Duck } from '../segment/duckdb.ts';
import { markedColumnAt, markedColumnsSql } from '../segment/marked-columns.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { contextOf, textAt } from '../segment/row-cells.ts';
import { ID } from '../segment/segment.ts';
import { sqlText } from '../segment/sql-literals.ts';

/** The events of rows [from, to) of a segment, one behind the other. */
export interface RowSlice {
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** The same object where they are the same. */
  readonly contexts: readonly EventContext[];
  readonly ids: readonly string[] | undefined;
}

/** Rebuilds the events of rows [from, to). Throws STORE_DAMAGED where rows are missing. */
export async function readRows(
  duck: Duck,
  { entry, path }: OpenSegment,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<RowSlice> {
  const withIds = entry.ids === true;
  const marked = markedColumnsSql(entry);
  const texts = [`encode(${COLUMNS.rest})`, `encode(${COLUMNS.message})`, COLUMNS.lineBytes, ...marked];
  const chunks = await duck.query(
    `SELECT ${COLUMNS.ts}, ${COLUMNS.flags}, ${COLUMNS.context}, ${withIds ? ID : 'NULL'}, ${texts.join(', ')}
       FROM read_parquet(${sqlText(path)}, file_row_number = true)
      WHERE file_row_number BETWEEN ${from} AND ${to - 1} ORDER BY file_row_number`,
    [],
    signal,
  );
  const bytes = new Lines(((to - from) * entry.rawBytes) / entry.rows);
  const starts = new Uint32Array(to - from);
  const ends = new Uint32Array(to - from);
  const found: EventContext[] = [];
  const ids: string[] = [];
  let row = 0;
  for (const chunk of chunks) {
    const times = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const flags = chunk.getColumnVector(1) as DuckDBIntegerVector;
    const contextTexts = chunk.getColumnVector(2) as DuckDBVarCharVector;
    const values = texts.map((_, at) => chunk.getColumnVector(FIRST_TEXT + at) as DuckDBBlobVector);
    for (let at = 0; at < chunk.rowCount; at++, row++) {
      const rest = textAt(values[0], at);
      starts[row] = bytes.length;
      if (rest === undefined) {
        const line = values[2]?.getItemBytes(at) ?? null;
        if (line === null) throw new LogsError('STORE_DAMAGED', `${path}: row ${from + row} has no text`);
        bytes.add(line);
      } else {
        const column = (mark: number): string | undefined =>
          textAt(values[FIRST_MARKED + markedColumnAt(mark, entry)], at);
        const message = textAt(values[1], at);
        bytes.write(rebuildLine({ ts: times.getItem(at) ?? 0n, flags: flags.getItem(at) ?? 0, rest, message, column }));
      }
      ends[row] = bytes.length;
      found.push(contextOf(contextTexts.getItem(at) ?? '{}'));
      if (withIds) ids.push(String(chunk.getColumnVector(3).getItem(at)));
    }
  }
  if (row !== to - from) throw new LogsError('STORE_DAMAGED', `${path}: row ${from + row} is missing`);
  return { from, to, bytes: bytes.all(), starts, ends, contexts: found, ids: withIds ? ids : undefined };
}

/** Index of `rest` in what is selected, and of the first column that marks stand for behind it. */
const FIRST_TEXT = 4;
const FIRST_MARKED = 3;

/** Lines one behind the other. */
class Lines {
  #bytes: Buffer;
  length = 0;

  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.ceil(expected * 1.1) + 4096);
  }

  write(line: string): void {
    // A character of UTF-16 has three bytes of UTF-8 at the most; most often one.
    const fits = this.length + line.length * 3 <= this.#bytes.length;
    if (!fits) this.#reserve(Buffer.byteLength(line, 'utf8'));
    this.length += this.#bytes.write(line, this.length, 'utf8');
  }

  add(line: Uint8Array): void {
    this.#reserve(line.length);
    this.#bytes.set(line, this.length);
    this.length += line.length;
  }

  all(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow((this.length + more) * 2);
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}
