import type { Filter, Query, QueryClock } from '../query/ast.ts';
import { compilePredicate } from '../query/predicate.ts';
import { runRecordStages, splitStages } from '../query/stages.ts';
import type { LogRecord } from '../record/record.ts';
import { isInRange } from '../store/in-range.ts';
import type { Damage, LogStore, TimeRange } from '../store/store.ts';
import { search, type SearchTally } from './search.ts';

export interface FollowOptions {
  readonly query: Query;
  readonly clock: QueryClock;
  readonly range: TimeRange;
  /** So many of the newest are given first. Absent: all. */
  readonly last?: number | undefined;
  /** Milliseconds after which to stop. Absent: never. */
  readonly timeout?: number | undefined;
  /** End well, or badly, at the first event given that matches. */
  readonly stopOn?: Filter | undefined;
  readonly failOn?: Filter | undefined;
  /** Hears of damage as it is met, each once: following may go on for days. It is in the tally's report too. */
  readonly damaged: (damage: Damage) => void;
}

/** Why following ended by itself. */
export type FollowEnd = 'stop-on' | 'fail-on' | 'timeout';

/** Events received so long before the call may still be given by both the search and the following. */
const OVERLAP = 60_000_000_000n;

/**
 * The newest events, then each that arrives, until the signal, the time or an event says to stop; returns which. An
 * event that arrives between the two is given once.
 */
export async function* searchAndFollow(
  store: LogStore,
  options: FollowOptions,
  tally: SearchTally,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[], FollowEnd | undefined> {
  const { query, clock, range } = options;
  const { filter, records: stages } = splitStages(query);
  const own = new AbortController();
  const deadline = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout);
  const stop = AbortSignal.any([signal, own.signal, ...(deadline === undefined ? [] : [deadline])]);
  const stopOn = options.stopOn === undefined ? undefined : compilePredicate(options.stopOn, clock);
  const failOn = options.failOn === undefined ? undefined : compilePredicate(options.failOn, clock);

  const { damage } = tally.report;
  let told = 0;
  const tellNew = (): void => {
    for (const each of damage.slice(told)) options.damaged(each);
    told = damage.length;
  };

  // Asked for before the search, so that nothing falls between them.
  const met = (each: Damage): void => {
    damage.push(each);
    tellNew();
  };
  const arriving = store.follow({ filter, clock }, met, stop)[Symbol.asyncIterator]();
  const first = arriving.next();
  first.catch(() => undefined);
  const seen = new Set<string>();
  const since = BigInt(Date.now()) * 1_000_000n - OVERLAP;
  const fresh = unseen(arriving, first, seen);
  try {
    for await (const batch of before(store, options, tally, stop)) {
      for (const record of batch) if (record.receivedAt >= since) seen.add(record.log_id);
      const cut = firstMatch(batch);
      yield cut.records;
      if (cut.end !== undefined) return cut.end;
    }
    tellNew();
    const inRange = within(fresh, range);
    for await (const batch of stages.length === 0 ? inRange : runRecordStages(stages, inRange, clock)) {
      const cut = firstMatch(batch);
      tally.matched += cut.records.length;
      if (cut.records.length > 0) yield cut.records;
      if (cut.end !== undefined) return cut.end;
    }
  } catch (error) {
    if (!deadline?.aborted) throw error;
  } finally {
    tellNew();
    own.abort();
    await arriving.return?.(undefined).catch(() => undefined);
  }
  signal.throwIfAborted();
  return deadline?.aborted ? 'timeout' : undefined;

  function firstMatch(batch: readonly LogRecord[]): { records: readonly LogRecord[]; end: FollowEnd | undefined } {
    if (stopOn === undefined && failOn === undefined) return { records: batch, end: undefined };
    for (const [index, record] of batch.entries()) {
      const end = failOn?.(record) ? 'fail-on' : stopOn?.(record) ? 'stop-on' : undefined;
      if (end !== undefined) return { records: batch.slice(0, index + 1), end };
    }
    return { records: batch, end: undefined };
  }
}

async function* before(store: LogStore, options: FollowOptions, tally: SearchTally, signal: AbortSignal) {
  if (options.last === 0) return;
  const { query, clock, range, last } = options;
  yield* search(store, { query, clock, range, limit: last, newestFirst: false }, tally, signal);
  tally.more = false;
}

async function* unseen(
  arriving: AsyncIterator<readonly LogRecord[]>,
  first: Promise<IteratorResult<readonly LogRecord[]>>,
  seen: Set<string>,
): AsyncGenerator<readonly LogRecord[]> {
  for (let next = await first; !next.done; next = await arriving.next()) {
    yield seen.size === 0 ? next.value : next.value.filter((record) => !seen.delete(record.log_id));
  }
}

async function* within(batches: AsyncIterable<readonly LogRecord[]>, range: TimeRange) {
  for await (const batch of batches) yield batch.filter((record) => isInRange(record.ts, range));
}
