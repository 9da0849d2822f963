import { LogsError } from '../../errors.ts';
import { createAggregator } from '../../query/aggregate.ts';
import { compilePredicate } from '../../query/predicate.ts';
import { withIdle } from '../../read/idle.ts';
import type { LogSource } from '../../read/source.ts';
import type { LogRecord } from '../../record/record.ts';
import { isInRange } from '../../store/in-range.ts';
import type { AggregatePlan, AggregateTable, LogStore, ReadReport, SearchPlan } from '../../store/store.ts';
import { fileEvents } from './file-events.ts';
import { byTime, type Placed, SortingWindow, weightOf } from './sorting-window.ts';

/** Memory for matches that wait for their turn, over all sources of a search. */
const WINDOW = 128 << 20;
/** Memory for a search that can only answer at the end: newest first, without a limit. */
const HELD = 1 << 30;
const BATCH = 500;
/** A pipe that gives nothing for so long may be a live one: what has come is shown. */
const QUIET_MS = 200;

/** A source that is opened when its turn comes and closed when it was read. */
export interface FileInput {
  readonly name: string;
  open(): Promise<LogSource>;
}

/**
 * Files and standard input read as a store, without one: every search reads them whole. Several sources are merged by
 * time. `oldest` streams within bounded memory and is exact where no event of a source is later than a window of
 * matches, or comes behind a pause of a pipe; `newest` keeps no more than its limit.
 */
export function openFileStore(sources: readonly FileInput[]): LogStore {
  return new FileStore(sources);
}

class FileStore implements LogStore {
  private readonly sources: readonly FileInput[];

  constructor(sources: readonly FileInput[]) {
    this.sources = sources;
  }

  async *search(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    if (plan.limit === 0) return;
    if (plan.order === 'newest') {
      yield* this.newest(plan, report, signal);
      return;
    }
    const limit = plan.limit ?? Number.POSITIVE_INFINITY;
    const ordered = this.sources.map((source) => this.ordered(source, plan, report, signal));
    let given = 0;
    for await (const records of ordered.length === 1 && ordered[0] !== undefined ? ordered[0] : merged(ordered)) {
      if (records.length > 0) yield records.slice(0, limit - given);
      given += records.length;
      if (given >= limit) return;
    }
  }

  async aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable> {
    const aggregator = createAggregator(plan);
    for (const source of this.sources) {
      for await (const records of this.matches(source, plan, report, signal)) {
        for (const record of records) aggregator.add(record);
      }
    }
    return aggregator.table();
  }

  /** Files are read as they are now; nothing is ever added to what was read. */
  async *follow(): AsyncGenerator<readonly LogRecord[]> {
    throw new LogsError('QUERY_UNSUPPORTED', 'files cannot be followed', {
      hint: 'ship them and follow the store: logs ship FILES, then logs tail',
    });
  }

  private async *newest(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncGenerator<LogRecord[]> {
    const limit = plan.limit ?? Number.POSITIVE_INFINITY;
    let kept: Placed[] = [];
    let weight = 0;
    let place = 0;
    const keepNewest = () => {
      kept.sort((a, b) => byTime(b, a));
      kept = kept.slice(0, limit);
      weight = kept.reduce((sum, placed) => sum + weightOf(placed.record), 0);
    };
    for (const source of this.sources) {
      for await (const records of this.matches(source, plan, report, signal)) {
        for (const record of records) {
          kept.push({ record, place: place++ });
          weight += weightOf(record);
        }
        if (kept.length >= limit * 2) keepNewest();
        if (weight > HELD) {
          throw new LogsError('QUERY_UNSUPPORTED', 'newest first over so many matches in files needs too much memory', {
            hint: 'add -n N, narrow the time with --since, or ship the files and search the store',
          });
        }
      }
    }
    keepNewest();
    for (let from = 0; from < kept.length; from += BATCH)
      yield kept.slice(from, from + BATCH).map((placed) => placed.record);
  }

  /** The matches of one source in order of time. */
  private async *ordered(
    source: FileInput,
    plan: SearchPlan,
    report: ReadReport,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    const window = new SortingWindow(WINDOW / this.sources.length);
    let place = 0;
    let live = false;
    const batches = this.matches(source, plan, report, signal, ({ identity }) => {
      live = identity === undefined;
    });
    for await (const records of withIdle(batches, QUIET_MS)) {
      if (typeof records === 'string') {
        if (live && records === 'idle') yield window.end().map((placed) => placed.record);
        continue;
      }
      for (const record of records) {
        const out = window.add(record, place++);
        if (out.length > 0) yield out.map((placed) => placed.record);
      }
    }
    yield window.end().map((placed) => placed.record);
  }

  /** Whether the search goes on without the rest of a source: of several, one that cannot be read stops no other. */
  private passes({ code }: LogsError): boolean {
    if (code === 'INPUT_DAMAGED') return true;
    return this.sources.length > 1 && (code === 'NOT_READABLE' || code === 'NOT_FOUND');
  }

  /** Matches as they are read. What ends a source early is noted in the report, and the next one goes on. */
  private async *matches(
    source: FileInput,
    plan: Pick<SearchPlan, 'filter' | 'range' | 'clock'>,
    report: ReadReport,
    signal: AbortSignal,
    whenOpen?: (source: LogSource) => void,
  ): AsyncGenerator<readonly LogRecord[]> {
    const matches = compilePredicate(plan.filter, plan.clock);
    let opened: LogSource | undefined;
    try {
      opened = await source.open();
      whenOpen?.(opened);
      for await (const records of fileEvents(opened, signal)) {
        report.scanned += records.length;
        yield records.filter((record) => isInRange(record.ts, plan.range) && matches(record));
      }
    } catch (error) {
      if (!(error instanceof LogsError) || !this.passes(error)) throw error;
      report.damage.push({ where: source.name, what: error.message });
    } finally {
      await opened?.close();
    }
    signal.throwIfAborted();
  }
}

/** Streams that are in order of time, as one; of equal times those of the first stream come first. */
async function* merged(streams: readonly AsyncGenerator<readonly LogRecord[]>[]): AsyncGenerator<LogRecord[]> {
  let batch: LogRecord[] = [];
  const heads = streams.map((stream) => ({ stream, records: [] as readonly LogRecord[], next: 0 }));
  try {
    let open = heads;
    for (;;) {
      for (const head of open) if (head.next >= head.records.length) await refill(head);
      open = open.filter((head) => head.next < head.records.length);
      const [first, ...others] = open;
      if (first === undefined) break;
      let least = first;
      for (const head of others) if (tsOf(head) < tsOf(least)) least = head;
      const record = least.records[least.next++];
      if (record !== undefined) batch.push(record);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    for (const { stream } of heads) await stream.return(undefined);
  }
}

interface Head {
  readonly stream: AsyncGenerator<readonly LogRecord[]>;
  records: readonly LogRecord[];
  next: number;
}

function tsOf(head: Head): bigint {
  return head.records[head.next]?.ts ?? 0n;
}

async function refill(head: Head): Promise<void> {
  while (head.next >= head.records.length) {
    const got = await head.stream.next();
    if (got.done) return;
    head.records = got.value;
    head.next = 0;
  }
}
