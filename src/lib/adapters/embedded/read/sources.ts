import type { LogRecord } from '../../../record/record.ts';
import type { LineNeeds } from '../../../query/line-needs.ts';
import type { Predicate } from '../../../query/predicate.ts';
import { isInRange } from '../../../store/in-range.ts';
import type { ReadReport, TimeRange } from '../../../store/store.ts';
import type { SegmentEntry } from '../layout.ts';
import type { Order } from './candidates.ts';
import { notePassed } from './groups.ts';
import { eachLikelyEvent, type LiveEvent, type LiveLog, liveRecord } from './live-logs.ts';
import type { RecordSource } from './record-source.ts';

/** What one search asks of the live logs. */
interface Asked {
  readonly range: TimeRange;
  readonly order: Order;
  readonly needs: LineNeeds;
  readonly matches: Predicate;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
}

/** Events read at once. */
const CHUNK = 2048;

export function overlaps(entry: SegmentEntry, { from, to }: TimeRange): boolean {
  return (from === undefined || BigInt(entry.maxTs) >= from) && (to === undefined || BigInt(entry.minTs) < to);
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
      const passed = eachLikelyEvent(log, asked.needs, (event) => {
        const record = liveRecord(event);
        report.scanned++;
        if (isInRange(record.ts, range) && asked.matches(record)) {
          found.push({ event, ts: record.ts, id: record.log_id });
        }
      });
      notePassed(report, passed);
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
