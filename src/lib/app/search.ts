import type { Query, QueryClock } from '../query/ast.ts';
import { runRecordStages, splitStages } from '../query/stages.ts';
import type { LogRecord } from '../record/record.ts';
import type { LogStore, ReadReport, TimeRange } from '../store/store.ts';

export interface SearchOptions {
  readonly query: Query;
  readonly clock: QueryClock;
  readonly range: TimeRange;
  /** So many of the newest, or of the first of an order that the query makes. Absent: all. */
  readonly limit?: number | undefined;
  /** The newest first; else they are given oldest to newest. */
  readonly newestFirst: boolean;
}

/** What a search found; filled while it runs, final when it has ended. */
export interface SearchTally {
  matched: number;
  /** There were more than the limit. */
  more: boolean;
  readonly report: ReadReport;
}

export function newTally(): SearchTally {
  return { matched: 0, more: false, report: { scanned: 0, damage: [] } };
}

/**
 * The records that a query without statistics gives. What takes only some (a limit, `dedup`) takes the newest, unless
 * the query sorts; they are then given in the order of time all the same, and have to wait for the last of them.
 */
export async function* search(
  store: LogStore,
  options: SearchOptions,
  tally: SearchTally,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const { filter, records: stages } = splitStages(options.query);
  const { clock, range, limit, newestFirst } = options;
  const some = limit !== undefined || stages.some((stage) => stage.kind === 'limit' || stage.kind === 'dedup');
  const plan = {
    filter,
    range,
    clock,
    order: newestFirst || some ? 'newest' : 'oldest',
    // One more than asked for tells whether there are more.
    ...(limit === undefined || stages.length > 0 ? {} : { limit: limit + 1 }),
  } as const;
  const found = store.search(plan, tally.report, signal);
  const staged = stages.length === 0 ? found : runRecordStages(stages, found, clock);
  const taken = take(staged, limit, tally);
  const sorted = stages.some((stage) => stage.kind === 'sort');
  if (!some || newestFirst || sorted) yield* taken;
  else yield* reversed(taken);
}

async function* take(
  batches: AsyncIterable<readonly LogRecord[]>,
  limit: number | undefined,
  tally: SearchTally,
): AsyncGenerator<readonly LogRecord[]> {
  for await (const batch of batches) {
    const room = limit === undefined ? batch.length : limit - tally.matched;
    const part = batch.length > room ? batch.slice(0, room) : batch;
    tally.matched += part.length;
    if (part.length > 0) yield part;
    if (part.length < batch.length) {
      tally.more = true;
      return;
    }
  }
}

async function* reversed(batches: AsyncIterable<readonly LogRecord[]>): AsyncGenerator<readonly LogRecord[]> {
  const held: (readonly LogRecord[])[] = [];
  for await (const batch of batches) held.push(batch);
  for (const batch of held.reverse()) yield [...batch].reverse();
}
