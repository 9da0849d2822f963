import type { DuckDBBigIntVector, DuckDBIntegerVector } from '@duckdb/node-api';
import { COLUMNS } from '../../../query/sql-columns.ts';
import type { Sql } from '../../../query/sql.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
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
}

/** Candidates in no order, and the time that was read up to: behind it, in the order asked for, there may be more. */
export interface CandidatePage {
  readonly candidates: readonly Candidate[];
  /** Absent: these are all. */
  readonly upTo?: bigint;
}

/**
 * The first candidates of some row groups by time, about `limit` of them: of one time all or none. `behind`: only those
 * behind that time.
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
  },
  signal: AbortSignal,
): Promise<CandidatePage> {
  const { may, range, order, limit, behind } = asked;
  const [direction, sign] = order === 'oldest' ? ['ASC', '>'] : ['DESC', '<'];
  const select = `SELECT part, file_row_number, ${COLUMNS.ts}, ${idSql(parts[0]?.segment.entry.ids)} FROM ${rowsOf(parts)}
      WHERE ${rangeSql(range)} AND (${may.text})`;
  const after = behind === undefined ? '' : ` AND ${COLUMNS.ts} ${sign} ${behind}`;
  const chunks = await duck.query(
    `${select}${after} ORDER BY ${COLUMNS.ts} ${direction} LIMIT ${limit}`,
    may.params,
    signal,
  );
  const found = candidatesIn(chunks, parts);
  const last = found.at(-1);
  if (found.length < limit || last === undefined) return { candidates: found };
  // There may be more of the last one's time.
  const before = found.filter(({ ts }) => ts !== last.ts);
  const end = before.at(-1);
  if (end !== undefined) return { candidates: before, upTo: end.ts };
  const ties = await duck.query(`${select} AND ${COLUMNS.ts} = ${last.ts}`, may.params, signal);
  return { candidates: candidatesIn(ties, parts), upTo: last.ts };
}

function candidatesIn(chunks: Awaited<ReturnType<Duck['query']>>, parts: readonly GroupRows[]): Candidate[] {
  const found: Candidate[] = [];
  for (const chunk of chunks) {
    const part = chunk.getColumnVector(0) as DuckDBIntegerVector;
    const rows = chunk.getColumnVector(1) as DuckDBBigIntVector;
    const times = chunk.getColumnVector(2) as DuckDBBigIntVector;
    const ids = chunk.getColumnVector(3);
    for (let at = 0; at < chunk.rowCount; at++) {
      const segment = parts[part.getItem(at) ?? 0]?.segment;
      const id = ids.getItem(at);
      if (segment === undefined) continue;
      found.push({
        segment,
        row: Number(rows.getItem(at)),
        ts: times.getItem(at) ?? 0n,
        id: typeof id === 'string' ? id : undefined,
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
