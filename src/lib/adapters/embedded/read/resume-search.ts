import type { LogRecord } from '../../../record/record.ts';
import type { SearchPlan, TimeRange } from '../../../store/store.ts';
import { compareRecords } from './record-source.ts';

/**
 * Gives what a search gives, each record once, however often it has to begin again: when `open` fails with something that
 * `recover` takes care of (it throws all else), the search goes on behind the last record given.
 */
export async function* resumeSearch(
  plan: SearchPlan,
  open: (rest: SearchPlan) => AsyncIterable<readonly LogRecord[]>,
  recover: (error: unknown) => Promise<void>,
): AsyncGenerator<readonly LogRecord[]> {
  const sign = plan.order === 'oldest' ? 1 : -1;
  const limit = plan.limit ?? Number.POSITIVE_INFINITY;
  let left = limit;
  let last: LogRecord | undefined;
  /** Records given that stand where `last` does: an event that was sent again has the same time and id. */
  let there = 0;
  for (;;) {
    const begun = last;
    let known = there;
    const isNew = (record: LogRecord): boolean => {
      const order = begun === undefined ? 1 : compareRecords(record, begun) * sign;
      if (order !== 0) return order > 0;
      known -= 1;
      return known < 0;
    };
    try {
      for await (const page of open(begun === undefined ? plan : restOf(plan, begun))) {
        const records = (begun === undefined ? page : page.filter(isNew)).slice(0, Math.min(left, page.length));
        for (const record of records) {
          there = last !== undefined && compareRecords(record, last) === 0 ? there + 1 : 1;
          last = record;
        }
        left -= records.length;
        if (records.length > 0) yield records;
        if (left === 0) return;
      }
      return;
    } catch (error) {
      await recover(error);
    }
  }
}

/** A plan for what comes with the record given or behind it; how many of those are known is not a matter of its limit. */
function restOf({ limit: _, ...plan }: SearchPlan, { ts }: LogRecord): SearchPlan {
  const range: TimeRange = plan.order === 'oldest' ? { ...plan.range, from: ts } : { ...plan.range, to: ts + 1n };
  return { ...plan, range };
}
