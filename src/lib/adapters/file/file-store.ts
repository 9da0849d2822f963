import { LogsError } from '../../errors.ts';
import { createAggregator } from '../../query/aggregate.ts';
import { LineNeeds } from '../../query/line-needs.ts';
import { compilePredicate } from '../../query/predicate.ts';
import type { FileIdentity, LogSource } from '../../read/source.ts';
import type { LogRecord } from '../../record/record.ts';
import { isInRange } from '../../store/in-range.ts';
import type { AggregatePlan, AggregateTable, LogStore, ReadReport, SearchPlan } from '../../store/store.ts';
import { type FileBatch, fileEvents, type ReadPlace } from './file-events.ts';
import { merged } from './merge.ts';
import { OrderedSource, type ReadMatches } from './ordered-source.ts';
import { byTime, type Placed, weightOf } from './sorting-window.ts';

/** Memory for a search that can only answer at the end: newest first, without a limit. */
const HELD = 1 << 30;
const BATCH = 500;
/** So many sources are read from the start; of more, each is opened when the others have come to its first time. */
const FEW = 16;
/**
 * Of few sources, and of more: memory for matches that wait for their turn, over all of them, and the bytes of one read
 * at once and made records of at once.
 */
const OF_FEW = { window: 64 << 20, read: 1 << 20, block: 64 << 10 } as const;
const OF_MANY = { window: 32 << 20, read: 32 << 10, block: 8 << 10 } as const;
/** Of each of many, so much is looked at before, for its first time. */
const LOOKED_AT = 32 << 10;
/** Before every time there is. */
const AT_ONCE = -(1n << 63n);

/** A source that is opened when its turn comes and closed when it was read. */
export interface FileInput {
  readonly name: string;
  /** `readSize`: bytes of a file read at once. */
  open(readSize?: number): Promise<LogSource>;
}

/** What is asked of every source of a search. */
interface Asked {
  readonly needs: LineNeeds;
  readonly matches: (record: LogRecord) => boolean;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
  /** Nanoseconds since 1970. */
  readonly receivedAt: bigint;
}

/** How a source is read: where it is open already, where reading goes on, who is told that it is open. */
interface Reading {
  readonly sizes: { readonly read: number; readonly block: number };
  readonly opened?: LogSource | undefined;
  readonly from?: ReadPlace | undefined;
  readonly whenOpen?: (source: LogSource) => void;
}

/**
 * Files and standard input read as a store, without one: every search reads them whole. Several sources are merged by
 * time. `oldest` streams within bounded memory and open files. It is exact where no event of a source is later than its
 * share of a window of matches, or comes behind a pause of a pipe, and, of more than 16 sources, where none is earlier
 * than all of the first 32 KiB of its file. `newest` keeps no more than its limit.
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
    let given = 0;
    for await (const records of merged(await this.ordered(askedOf(plan, report, signal)))) {
      yield records.slice(0, limit - given);
      given += records.length;
      if (given >= limit) return;
    }
  }

  async aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable> {
    const aggregator = createAggregator(plan);
    const asked = askedOf(plan, report, signal);
    for (const source of this.sources) {
      for await (const { records } of this.matches(source, asked, { sizes: OF_FEW })) {
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
    const asked = askedOf(plan, report, signal);
    for (const source of this.sources) {
      for await (const { records } of this.matches(source, asked, { sizes: OF_FEW })) {
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

  /** The sources, each in order of time: many of them with the time at which to open them. */
  private async ordered(asked: Asked): Promise<OrderedSource[]> {
    const { length } = this.sources;
    const sizes = length > FEW ? OF_MANY : OF_FEW;
    const ordered: OrderedSource[] = [];
    for (const [place, source] of this.sources.entries()) {
      const first = length > FEW ? await this.lookAt(source, asked) : { time: AT_ONCE };
      if (first === undefined) continue;
      let known: FileIdentity | undefined;
      const read: ReadMatches = (from, whenOpen) =>
        this.matches(source, asked, {
          sizes,
          from,
          opened: first.opened,
          whenOpen({ identity }) {
            if (from !== undefined && !isSame(known, identity)) throw replaced(source.name);
            known = identity;
            whenOpen(identity === undefined);
          },
        });
      ordered.push(new OrderedSource(place, first.time, sizes.window / length, read));
    }
    return ordered;
  }

  /** The earliest time at the start of a source; undefined where it has no events. A pipe stays open, to be read. */
  private async lookAt(
    source: FileInput,
    { report, signal, receivedAt }: Asked,
  ): Promise<{ readonly time: bigint; readonly opened?: LogSource } | undefined> {
    let opened: LogSource | undefined;
    let live = false;
    let time: bigint | undefined;
    try {
      opened = await source.open(LOOKED_AT);
      live = opened.identity === undefined;
      if (live) return { time: AT_ONCE, opened };
      for await (const { records } of fileEvents(opened, signal, { receivedAt, blockSize: LOOKED_AT })) {
        for (const { ts } of records) if (time === undefined || ts < time) time = ts;
        if (time !== undefined) break;
      }
    } catch (error) {
      this.noteOrThrow(error, source, report);
    } finally {
      if (!live) await opened?.close();
    }
    signal.throwIfAborted();
    return time === undefined ? undefined : { time };
  }

  /** What ends a source early is noted in the report, and the next one goes on; all else ends the search. */
  private noteOrThrow(error: unknown, source: FileInput, report: ReadReport): void {
    if (!(error instanceof LogsError) || !this.passes(error)) throw error;
    report.damage.push({ where: source.name, what: error.message });
  }

  /** Whether the search goes on without the rest of a source: of several, one that cannot be read stops no other. */
  private passes({ code }: LogsError): boolean {
    if (code === 'INPUT_DAMAGED') return true;
    return this.sources.length > 1 && (code === 'NOT_READABLE' || code === 'NOT_FOUND');
  }

  /** Matches as they are read. */
  private async *matches(source: FileInput, asked: Asked, reading: Reading): AsyncGenerator<FileBatch> {
    const { report, signal, receivedAt, needs } = asked;
    const { sizes, from } = reading;
    let opened = reading.opened;
    try {
      opened ??= await source.open(sizes.read);
      reading.whenOpen?.(opened);
      for await (const batch of fileEvents(opened, signal, { receivedAt, from, needs, blockSize: sizes.block })) {
        report.scanned += batch.records.length;
        if (batch.passed > 0) report.passed = (report.passed ?? 0) + batch.passed;
        yield { ...batch, records: batch.records.filter(asked.matches).map(withOwnBytes) };
      }
    } catch (error) {
      this.noteOrThrow(error, source, report);
    } finally {
      await opened?.close();
    }
    signal.throwIfAborted();
  }
}

function askedOf(
  { filter, range, clock }: Pick<SearchPlan, 'filter' | 'range' | 'clock'>,
  report: ReadReport,
  signal: AbortSignal,
): Asked {
  const predicate = compilePredicate(filter, clock);
  const matches = (record: LogRecord) => isInRange(record.ts, range) && predicate(record);
  return { needs: new LineNeeds(filter, clock), matches, report, signal, receivedAt: BigInt(Date.now()) * 1_000_000n };
}

/** A record that does not keep the block it was read from. */
function withOwnBytes(record: LogRecord): LogRecord {
  return { ...record, raw: Buffer.from(record.raw) };
}

function isSame(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && a.device === b?.device && a.inode === b.inode;
}

function replaced(name: string): LogsError {
  return new LogsError('INPUT_DAMAGED', `${name}: another file has taken its name while it was read`, {
    hint: 'run it again, over fewer files or with a higher `ulimit -n`',
  });
}
