import type { LogRecord } from '../../../record/record.ts';
import type { Order } from './candidates.ts';

/** Records of one segment or of the live logs, in the order asked for. */
export interface RecordSource {
  /** No record of it comes before this time in the order asked for. */
  readonly bound: bigint;
  /** The next records, at least one; empty at the end. The first call opens what is behind it. */
  next(): Promise<readonly LogRecord[]>;
}

const BATCH = 256;
/** Of lines; a batch ends behind the one that reaches it. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** Compares in the total order (`ts`, `log_id`). */
export function compareRecords(a: LogRecord, b: LogRecord): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
  return a.log_id < b.log_id ? -1 : a.log_id > b.log_id ? 1 : 0;
}

/**
 * Merges sources into one order. A source is asked for its first records only when its bound is reached, so that
 * `limit` newest records open only the newest segments.
 */
export async function* mergeSources(
  sources: readonly RecordSource[],
  order: Order,
  limit: number,
): AsyncGenerator<readonly LogRecord[]> {
  const sign = order === 'oldest' ? 1 : -1;
  const pending = [...sources].sort((a, b) => (a.bound === b.bound ? 0 : a.bound < b.bound ? -sign : sign)).reverse();
  let open: { source: RecordSource; records: readonly LogRecord[]; at: number }[] = [];
  let batch: LogRecord[] = [];
  let bytes = 0;
  let left = limit;
  while (left > 0) {
    let best = first(open, sign);
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const head = best?.records[best.at];
      if (head !== undefined && (order === 'oldest' ? next.bound > head.ts : next.bound < head.ts)) break;
      pending.pop();
      const records = await next.next();
      if (records.length > 0) open.push({ source: next, records, at: 0 });
      best = first(open, sign);
    }
    const record = best?.records[best.at];
    if (best === undefined || record === undefined) break;
    batch.push(record);
    bytes += record.raw.length;
    left--;
    best.at++;
    if (best.at === best.records.length && left > 0) {
      const done = best;
      best.records = await best.source.next();
      best.at = 0;
      if (best.records.length === 0) open = open.filter((source) => source !== done);
    }
    if (batch.length === BATCH || bytes >= BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

function first<T extends { records: readonly LogRecord[]; at: number }>(
  open: readonly T[],
  sign: number,
): T | undefined {
  let best: T | undefined;
  let least: LogRecord | undefined;
  for (const source of open) {
    const record = source.records[source.at];
    if (record === undefined) continue;
    if (least === undefined || compareRecords(record, least) * sign < 0) {
      best = source;
      least = record;
    }
  }
  return best;
}
