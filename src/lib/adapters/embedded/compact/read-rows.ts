import type { DuckDBBigIntVector, DuckDBBlobVector, DuckDBIntegerVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { LogsError } from '../../../errors.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { EventContext } from '../../../record/record.ts';
import type { OpenSegment } from '../read/segment-reader.ts';
import { type Duck, sqlText } from '../segment/duckdb.ts';
import { MARKED_ROLES } from '../segment/marks.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { ID, keyColumn } from '../segment/segment.ts';

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

/** Different contexts in a store are few; they are parsed once. */
const contexts = new Map<string, EventContext>();
const MOST_CONTEXTS = 1000;

/** Rebuilds the events of at most so many rows. Throws STORE_DAMAGED where rows are missing. */
export async function readRows(
  duck: Duck,
  { entry, path }: OpenSegment,
  from: number,
  most: number,
  signal: AbortSignal,
): Promise<RowSlice> {
  const to = Math.min(entry.rows, from + most);
  const withIds = entry.ids === true;
  // Never a VARCHAR itself: reading that drops a leading U+FEFF (reliability.md M5).
  const marked = [
    ...MARKED_ROLES.map((role) => `encode(${role})`),
    ...entry.columns.map(({ type }, at) => `encode(${type === 'int' ? `${keyColumn(at)}::VARCHAR` : keyColumn(at)})`),
  ];
  const texts = [`encode(${COLUMNS.rest})`, `encode(${COLUMNS.message})`, COLUMNS.lineBytes, ...marked];
  const chunks = await duck.query(
    `SELECT ${COLUMNS.ts}, ${COLUMNS.flags}, ${COLUMNS.context}, ${withIds ? ID : 'NULL'}, ${texts.join(', ')}
       FROM read_parquet(${sqlText(path)}, file_row_number = true)
      WHERE file_row_number BETWEEN ${from} AND ${to - 1} ORDER BY file_row_number`,
    [],
    signal,
  );
  const parts: Buffer[] = [];
  const starts = new Uint32Array(to - from);
  const ends = new Uint32Array(to - from);
  const found: EventContext[] = [];
  const ids: string[] = [];
  let row = 0;
  let length = 0;
  for (const chunk of chunks) {
    const times = chunk.getColumnVector(0) as DuckDBBigIntVector;
    const flags = chunk.getColumnVector(1) as DuckDBIntegerVector;
    const contextTexts = chunk.getColumnVector(2) as DuckDBVarCharVector;
    const values = texts.map((_, at) => chunk.getColumnVector(FIRST_TEXT + at) as DuckDBBlobVector);
    for (let at = 0; at < chunk.rowCount; at++, row++) {
      const rest = textOf(values[0], at);
      const line =
        rest === undefined
          ? bytesOf(values[2], at)
          : Buffer.from(
              rebuildLine({
                ts: times.getItem(at) ?? 0n,
                flags: flags.getItem(at) ?? 0,
                rest,
                message: textOf(values[1], at),
                column: (index) => textOf(values[FIRST_MARKED + index], at),
              }),
              'utf8',
            );
      if (line === undefined) throw new LogsError('STORE_DAMAGED', `${path}: row ${from + row} has no text`);
      parts.push(line);
      starts[row] = length;
      length += line.length;
      ends[row] = length;
      found.push(contextOf(contextTexts.getItem(at) ?? '{}'));
      if (withIds) ids.push(String(chunk.getColumnVector(3).getItem(at)));
    }
  }
  if (row !== to - from) throw new LogsError('STORE_DAMAGED', `${path}: row ${from + row} is missing`);
  return { from, to, bytes: Buffer.concat(parts), starts, ends, contexts: found, ids: withIds ? ids : undefined };
}

/** Index of `rest` in what is selected, and of the first column that marks stand for behind it. */
const FIRST_TEXT = 4;
const FIRST_MARKED = 3;

/** A copy: the bytes of short values stay in DuckDB's memory, which goes with the chunk. */
function bytesOf(vector: DuckDBBlobVector | undefined, at: number): Buffer | undefined {
  const bytes = vector?.getItemBytes(at) ?? null;
  return bytes === null ? undefined : Buffer.from(bytes);
}

function textOf(vector: DuckDBBlobVector | undefined, at: number): string | undefined {
  const bytes = vector?.getItemBytes(at) ?? null;
  return bytes === null ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
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
