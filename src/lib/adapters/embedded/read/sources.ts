import type { Fs } from '../../../buffer/fs.ts';
import type { Predicate } from '../../../query/predicate.ts';
import type { Sql } from '../../../query/sql.ts';
import type { LogRecord } from '../../../record/record.ts';
import { isInRange } from '../../../store/in-range.ts';
import type { ReadReport, TimeRange } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { SegmentEntry } from '../layout.ts';
import { eachLiveEvent, type LiveEvent, type LiveLog, liveRecord } from './live-logs.ts';
import type { RecordSource } from './record-source.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { type Order, openSegment, recordsOf, rowsPage } from './segment-reader.ts';

/** What one search asks of every source. */
export interface Asked {
  readonly range: TimeRange;
  readonly order: Order;
  /** Infinity for all. */
  readonly limit: number;
  readonly may: Sql;
  readonly matches: Predicate;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
}

/** Events read at once. */
const CHUNK = 2048;
const LEAST_CHUNK = 64;
/** Events of all segments that a merge has to read side by side, at the most. */
const IN_HAND = 65_536;
/** Chunks whose rows are numbered at once, at the most: 16 bytes a row. */
const MOST_CHUNKS = 8;
const LEAST_PAGE = 256;

export function overlaps(entry: SegmentEntry, { from, to }: TimeRange): boolean {
  return (from === undefined || BigInt(entry.maxTs) >= from) && (to === undefined || BigInt(entry.minTs) < to);
}

/**
 * How many events to read at once of each segment: fewer the more overlap it in time, for a merge holds some of all of
 * those. In the order of `segments`.
 */
export function chunkSizes(segments: readonly SegmentEntry[]): number[] {
  const starts = BigInt64Array.from(segments, ({ minTs }) => BigInt(minTs)).sort();
  const ends = BigInt64Array.from(segments, ({ maxTs }) => BigInt(maxTs)).sort();
  return segments.map(({ minTs, maxTs }) => {
    // Those that begin before it ends, but for those that end before it begins.
    const overlapping = countBelow(starts, BigInt(maxTs) + 1n) - countBelow(ends, BigInt(minTs));
    return Math.max(LEAST_CHUNK, Math.min(CHUNK, Math.floor(IN_HAND / overlapping)));
  });
}

function countBelow(sorted: BigInt64Array, value: bigint): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? value) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The records of a segment that match: first row numbers by time, then their events, so many of `chunk` at a time. */
export function segmentSource(
  fs: Fs,
  tenantDir: string,
  duck: () => Promise<Duck>,
  entry: SegmentEntry,
  asked: Asked,
  chunk: number,
): RecordSource {
  const { order, report, signal } = asked;
  const most = chunk * MOST_CHUNKS;
  return {
    bound: BigInt(order === 'oldest' ? entry.minTs : entry.maxTs),
    next: pull(matchingRecords()),
  };

  async function* matchingRecords(): AsyncGenerator<readonly LogRecord[]> {
    try {
      const segment = await openSegment(fs, tenantDir, entry);
      const db = await duck();
      let limit = Math.min(most, Math.max(LEAST_PAGE, asked.limit));
      let after: { ts: bigint; row: number; id: string | undefined } | undefined;
      for (;;) {
        const where = { filter: asked.may, range: asked.range, order, limit };
        const page = await rowsPage(db, segment, after === undefined ? where : { ...where, after }, signal);
        for (let from = 0; from < page.rows.length; from += chunk) {
          const records = await recordsOf(db, segment, page.rows.slice(from, from + chunk), signal);
          report.scanned += records.length;
          const matching = records.filter(asked.matches);
          if (matching.length > 0) yield matching;
        }
        const row = page.rows.at(-1);
        const ts = page.times.at(-1);
        if (row === undefined || ts === undefined || page.rows.length < limit) return;
        after = { ts, row, id: page.lastId };
        limit = Math.min(most, limit * 4);
      }
    } catch (error) {
      noteDamage(report, await damageOf(error, fs, tenantDir, entry));
    }
  }
}

/** The events of the live logs that match: their places are sorted, their records made when they are given. */
export function liveSource(logs: readonly LiveLog[], asked: Asked): RecordSource {
  const { order, range, report, signal } = asked;
  const sign = order === 'oldest' ? 1 : -1;
  // Live events may have any time: they are looked at first.
  return { bound: order === 'oldest' ? -(2n ** 63n) : 2n ** 63n, next: pull(matchingRecords()) };

  async function* matchingRecords(): AsyncGenerator<readonly LogRecord[]> {
    const found: { readonly event: LiveEvent; readonly ts: bigint; readonly id: string }[] = [];
    for (const log of logs) {
      signal.throwIfAborted();
      eachLiveEvent(log, (event) => {
        const record = liveRecord(event);
        report.scanned++;
        if (isInRange(record.ts, range) && asked.matches(record)) {
          found.push({ event, ts: record.ts, id: record.log_id });
        }
      });
    }
    found.sort((a, b) => (a.ts === b.ts ? (a.id < b.id ? -sign : sign) : a.ts < b.ts ? -sign : sign));
    for (let from = 0; from < found.length; from += CHUNK) {
      yield found.slice(from, from + CHUNK).map(({ event }) => liveRecord(event));
    }
  }
}

function pull(records: AsyncGenerator<readonly LogRecord[]>): () => Promise<readonly LogRecord[]> {
  return async () => {
    const result = await records.next();
    return result.done === true ? [] : result.value;
  };
}
