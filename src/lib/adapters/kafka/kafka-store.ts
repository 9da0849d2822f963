import { LogsError } from '../../errors.ts';
import { createAggregator } from '../../query/aggregate.ts';
import { compilePredicate } from '../../query/predicate.ts';
import type { LogRecord } from '../../record/record.ts';
import { isInRange } from '../../store/in-range.ts';
import type {
  AggregatePlan,
  AggregateTable,
  Damage,
  LogStore,
  ReadReport,
  SearchPlan,
  TimeRange,
} from '../../store/store.ts';
import { avroOf } from './avro-of.ts';
import type { KafkaAdmin, TopicReader } from './kafka-transport.ts';
import { type Patient, patience } from './patience.ts';
import { kafkajsTransport } from './kafkajs-transport.ts';
import type { Reading } from './read-message.ts';
import { kafkaSettings } from './settings.ts';
import { byTime, TimeWindow, weightOf } from './time-window.ts';
import { type Span, topicRecords } from './topic-records.ts';
import { namesOf } from './topics.ts';

const DEFAULT_TOPIC = 'logs-raw';
/** Memory for an answer that can be given only at the end, and for one that is given as it is read. */
const HELD = 1 << 30;
const WINDOW = 128 << 20;
const BATCH = 500;
/**
 * Messages have the time they were received at, or that of their producer's clock: events of a time are looked for from
 * so much before it.
 */
const SLACK_MS = 10 * 60_000;

/** Topics as a store. */
export interface KafkaStore extends LogStore {
  close(): Promise<void>;
}

/**
 * Opens topics to be searched as they are, without a group and without changing anything. Every search reads them from
 * the first offset of its time range to what is their end when it begins. `tell` hears that a cluster which is followed is
 * away, and back.
 * @throws LogsError USAGE, and what `RemoteSink.check` throws
 */
export async function openKafkaStore(address: string, tell: (text: string) => void): Promise<KafkaStore> {
  const settings = kafkaSettings(address);
  const transport = kafkajsTransport(settings);
  const admin = await transport.admin();
  try {
    const names = await namesOf(admin, settings.topics, DEFAULT_TOPIC, settings.name);
    const topics = (await admin.topics(names)).map(({ name }) => name);
    const reading: Reading = { cluster: await admin.clusterId(), avro: await avroOf(settings), contexts: new Map() };
    return new TopicStore(topics, admin, await transport.reader(), reading, patience(settings.name, tell));
  } catch (error) {
    await admin.close();
    throw error;
  }
}

class TopicStore implements KafkaStore {
  private readonly topics: readonly string[];
  private readonly admin: KafkaAdmin;
  private readonly reader: TopicReader;
  private readonly reading: Reading;
  private readonly patient: Patient;

  constructor(topics: readonly string[], admin: KafkaAdmin, reader: TopicReader, reading: Reading, patient: Patient) {
    this.topics = topics;
    this.admin = admin;
    this.reader = reader;
    this.reading = reading;
    this.patient = patient;
  }

  async *search(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const limit = plan.limit ?? Number.POSITIVE_INFINITY;
    if (limit === 0) return;
    // The first in order may be the last that is read, so with a limit no more than that is kept, and without one all.
    if (plan.order === 'newest' || limit < Number.POSITIVE_INFINITY) {
      yield* this.first(plan, limit, report, signal);
      return;
    }
    const window = new TimeWindow(WINDOW);
    for await (const records of this.matches(plan, report, signal)) {
      for (const record of records) {
        const due = window.add(record);
        if (due.length > 0) yield due;
      }
    }
    yield* inBatches(window.end());
  }

  async aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable> {
    const aggregator = createAggregator(plan);
    for await (const records of this.matches(plan, report, signal)) {
      for (const record of records) aggregator.add(record);
    }
    return aggregator.table();
  }

  follow(
    plan: Pick<SearchPlan, 'filter' | 'clock'>,
    damaged: (damage: Damage) => void,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    // Now, not when the first of it is asked for: what comes in between belongs to it.
    const spans = Promise.all(this.topics.map((topic) => this.spanFromEnd(topic)));
    spans.catch(() => undefined);
    return this.followed(spans, compilePredicate(plan.filter, plan.clock), damaged, signal);
  }

  private async *followed(
    spans: Promise<readonly Span[]>,
    matches: (record: LogRecord) => boolean,
    damaged: (damage: Damage) => void,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    try {
      const readings = (await spans).map((span) => topicRecords(span, this.reader, this.reading, signal, this.patient));
      for await (const { records, damage } of together(readings)) {
        for (const each of damage) damaged(each);
        const matching = records.filter(matches);
        if (matching.length > 0) yield matching;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.admin.close();
  }

  private async *first(
    plan: SearchPlan,
    limit: number,
    report: ReadReport,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    const order = plan.order === 'newest' ? (a: LogRecord, b: LogRecord) => byTime(b, a) : byTime;
    let kept: LogRecord[] = [];
    let weight = 0;
    const keepFirst = () => {
      kept = kept.sort(order).slice(0, limit);
      weight = kept.reduce((sum, record) => sum + weightOf(record), 0);
    };
    for await (const records of this.matches(plan, report, signal)) {
      for (const record of records) {
        kept.push(record);
        weight += weightOf(record);
      }
      if (kept.length >= limit * 2) keepFirst();
      if (weight > HELD) {
        throw new LogsError('QUERY_UNSUPPORTED', 'newest first over so many matches in a topic needs too much memory', {
          hint: 'add -n N, narrow the time with --since, or search where the topic is indexed',
        });
      }
    }
    keepFirst();
    yield* inBatches(kept);
  }

  /** Matches of all topics, in the order in which they are read. */
  private async *matches(
    { filter, range, clock }: Pick<SearchPlan, 'filter' | 'range' | 'clock'>,
    report: ReadReport,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    signal.throwIfAborted();
    const predicate = compilePredicate(filter, clock);
    const spans = await Promise.all(this.topics.map((topic) => this.spanOf(topic, range)));
    const readings = spans.map((span) => topicRecords(span, this.reader, this.reading, signal));
    for await (const { records, damage } of together(readings)) {
      report.scanned += records.length;
      report.damage.push(...damage);
      yield records.filter((record) => isInRange(record.ts, range) && predicate(record)).map(withOwnBytes);
    }
  }

  private async spanFromEnd(topic: string): Promise<Span> {
    const ends = await this.admin.extents(topic);
    const from = new Map(ends.map(({ partition, high }) => [partition, high]));
    return { topic, from, to: undefined, extents: () => this.admin.extents(topic) };
  }

  /** What of a topic can hold events of a time range: events may come late, so to its end. */
  private async spanOf(topic: string, range: TimeRange): Promise<Span> {
    const extents = await this.admin.extents(topic);
    const to = new Map(extents.map(({ partition, high }) => [partition, high]));
    const lows = new Map(extents.map(({ partition, low }) => [partition, low]));
    const since = range.from === undefined ? 0 : Number(range.from / 1_000_000n) - SLACK_MS;
    const from = since <= 0 ? lows : await this.admin.offsetsAt(topic, since);
    return { topic, from, to, extents: () => this.admin.extents(topic) };
  }
}

function* inBatches(records: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  for (let from = 0; from < records.length; from += BATCH) yield records.slice(from, from + BATCH);
}

/** A record that does not keep what it was fetched in. */
function withOwnBytes(record: LogRecord): LogRecord {
  return { ...record, raw: Buffer.from(record.raw) };
}

/** What several give, as it comes. */
async function* together<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const waiting = new Map(sources.map((source) => [source, nextOf(source)]));
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done === true) waiting.delete(source);
      else {
        waiting.set(source, nextOf(source));
        yield result.value;
      }
    }
  } finally {
    for (const source of sources) void source.return(undefined).catch(() => undefined);
  }
}

async function nextOf<T>(source: AsyncGenerator<T>): Promise<{ source: AsyncGenerator<T>; result: IteratorResult<T> }> {
  return { source, result: await source.next() };
}
