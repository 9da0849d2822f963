import type { DuckDBBigIntVector, DuckDBIntegerVector } from '@duckdb/node-api';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { Sql } from '../../../query/sql.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
import { recordColumns, recordsIn } from './row-records.ts';
import { type GroupRows, idSql, rangeSql, rowsOf } from './rows-sql.ts';
import { type OpenSegment, placeIdOf } from './segment-reader.ts';

export type Order = 'oldest' | 'newest';

/** A row that may match. */
export interface Candidate {
  readonly segment: OpenSegment;
  readonly row: number;
  readonly ts: bigint;
  /** Where the segment has ids; else made when it is asked for. */
  id: string | undefined;
  /** Where it was read at once. */
  readonly record?: LogRecord;
}

/** Candidates in no order, and the time that was read up to: behind it, in the order asked for, there may be more. */
export interface CandidatePage {
  readonly candidates: readonly Candidate[];
  /** Absent: these are all. */
  readonly upTo?: bigint;
}

/**
 * The first candidates of some row groups by time, about `limit` of them: of one time all or none. `behind`: only those
 * behind that time. `whole`: with their records, of segments that have the same columns for those.
 */
export async function candidatePage(
  duck: Duck,
  parts: readonly GroupRows[],
  asked: {
    readonly may: Sql;
    readonly range: TimeRange;
    readonly order: Order;
    readonly limit: number;
    readonly behind?: bigint | undefined;
    readonly whole: boolean;
  },
  signal: AbortSignal,
): Promise<CandidatePage> {
  const { may, range, order, limit, behind, whole } = asked;
  const [direction, sign] = order === 'oldest' ? ['ASC', '>'] : ['DESC', '<'];
  const entry = parts[0]?.segment.entry;
  const numbers = `part, file_row_number, ${COLUMNS.ts}, ${idSql(entry?.ids)}`;
  const rows = `FROM ${rowsOf(parts)} WHERE ${rangeSql(range)} AND (${may.text})`;
  const after = behind === undefined ? '' : ` AND ${COLUMNS.ts} ${sign} ${behind}`;
  const first = `${rows}${after} ORDER BY ${COLUMNS.ts} ${direction} LIMIT ${limit}`;
  const chunks = await duck.query(
    whole && entry !== undefined
      ? `SELECT ${recordColumns(entry)} FROM (SELECT * ${first})`
      : `SELECT ${numbers} ${first}`,
    may.params,
    signal,
  );
  const found = candidatesIn(chunks, parts, whole);
  const last = found.at(-1);
  if (found.length < limit || last === undefined) return { candidates: found };
  // There may be more of the last one's time.
  const before = found.filter(({ ts }) => ts !== last.ts);
  const end = before.at(-1);
  if (end !== undefined) return { candidates: before, upTo: end.ts };
  const ties = await duck.query(`SELECT ${numbers} ${rows} AND ${COLUMNS.ts} = ${last.ts}`, may.params, signal);
  return { candidates: candidatesIn(ties, parts, false), upTo: last.ts };
}

function candidatesIn(
  chunks: Awaited<ReturnType<Duck['query']>>,
  parts: readonly GroupRows[],
  whole: boolean,
): Candidate[] {
  const found: Candidate[] = [];
  for (const chunk of chunks) {
    const part = chunk.getColumnVector(0) as DuckDBIntegerVector;
    const rows = chunk.getColumnVector(1) as DuckDBBigIntVector;
    const times = chunk.getColumnVector(2) as DuckDBBigIntVector;
    const ids = chunk.getColumnVector(3);
    const recordAt = whole ? recordsIn(chunk, parts) : undefined;
    for (let at = 0; at < chunk.rowCount; at++) {
      const segment = parts[part.getItem(at) ?? 0]?.segment;
      const id = ids.getItem(at);
      if (segment === undefined) continue;
      found.push({
        segment,
        row: Number(rows.getItem(at)),
        ts: times.getItem(at) ?? 0n,
        id: typeof id === 'string' ? id : undefined,
        ...(recordAt === undefined ? {} : { record: recordAt(at) }),
      });
    }
  }
  return found;
}

/** Compares in the total order (`ts`, `log_id`); several events may have one id, those that were sent again. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
  const [left, right] = [idOf(a), idOf(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a.row - b.row;
}

function idOf(candidate: Candidate): string {
  candidate.id ??= placeIdOf(candidate.segment.index, candidate.row);
  return candidate.id;
}
