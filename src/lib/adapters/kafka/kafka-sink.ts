import { LogsError } from '../../errors.ts';
import type { SourceMark } from '../../record/batch.ts';
import type { Delivery, Refusal, RemoteSink, SinkLimits, SizedBatch } from '../../send/sink.ts';
import { type Addressed, BatchEncoder, type Encoder } from './encode-batch.ts';
import { errorType } from './failure.ts';
import type { KafkaProducer, KafkaTransport } from './kafka-transport.ts';
import { kafkajsTransport } from './kafkajs-transport.ts';
import { type KafkaSettings, kafkaSettings } from './settings.ts';
import { ensureTopics } from './topics.ts';

const DEFAULT_TOPIC = 'logs-raw';

/**
 * Batches are sent one after the other, so that what a partition holds is in order; the partitions of a batch at once.
 */
const LIMITS: SinkLimits = { events: 20_000, bytes: 8 << 20, inFlight: 1 };
/** Messages of one request. */
const MOST_MESSAGES = 10_000;
/** `max.message.bytes` of a topic, where nobody says. */
const USUAL_MOST = 1_048_588;
/** What a record has beside key, value and headers at the most, and a record batch beside its records. */
const RECORD_OVERHEAD = 32;
const BATCH_OVERHEAD = 128;

/** Opens a topic to write to. Nothing is asked of the cluster before `check` or the first `send`. Throws USAGE. */
export async function openKafkaSink(address: string): Promise<RemoteSink> {
  const settings = kafkaSettings(address);
  if (settings.topics.length > 1 || settings.topics.some((topic) => topic.includes('*'))) {
    throw new LogsError('USAGE', `${settings.name} names several topics to write to`, {
      hint: 'name one; routes send by query to several: docs/kafka.md',
    });
  }
  return new KafkaSink(settings, kafkajsTransport(settings));
}

/** What events are written as; undefined: as received. Avro asks the registry. */
async function encoderOf({ format, registry }: KafkaSettings, topic: string): Promise<Encoder | undefined> {
  if (format === 'bytes') return undefined;
  if (format === 'avro' && registry !== undefined) {
    const { avroEncoder } = await import('./avro-records.ts');
    return avroEncoder(registry, topic);
  }
  const { JSON_RECORDS } = await import('./json-records.ts');
  return JSON_RECORDS;
}

/** What the sink found out of its topic. */
interface Topic {
  readonly encoder: BatchEncoder;
  readonly maxBytes: number;
}

class KafkaSink implements RemoteSink {
  readonly name: string;
  readonly limits = LIMITS;
  private readonly settings: KafkaSettings;
  private readonly transport: KafkaTransport;
  private readonly topicName: string;
  private topic: Promise<Topic> | undefined;
  private producer: Promise<KafkaProducer> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(settings: KafkaSettings, transport: KafkaTransport) {
    this.settings = settings;
    this.transport = transport;
    this.topicName = settings.topics[0] ?? DEFAULT_TOPIC;
    this.name = settings.name;
  }

  async check(signal: AbortSignal): Promise<void> {
    await untilAborted(this.ready(), signal);
  }

  send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    const sent = this.last.then(() => untilAborted(this.deliver(batch, signal), signal));
    this.last = sent.catch(() => undefined);
    return sent;
  }

  async marks(): Promise<ReadonlyMap<string, SourceMark>> {
    return new Map();
  }

  async close(): Promise<void> {
    await this.last;
    await (await this.producer)?.close();
  }

  private async deliver(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    const topic = await this.ready();
    this.producer ??= this.transport.producer();
    const producer = await this.producer;
    signal.throwIfAborted();
    const outcome = new Outcome();
    const partitions = [...topic.encoder.messages(batch)];
    await Promise.all(
      partitions.map(([partition, messages]) =>
        this.sendAll(producer, { partition, maxBytes: topic.maxBytes }, messages, outcome, signal),
      ),
    );
    return outcome.delivery();
  }

  /** In order; after a failure nothing more of the partition. */
  private async sendAll(
    producer: KafkaProducer,
    to: { readonly partition: number; readonly maxBytes: number },
    messages: readonly Addressed[],
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<void> {
    const waiting = chunksOf(messages, to.maxBytes).reverse();
    for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
      try {
        signal.throwIfAborted();
        await producer.send(
          this.topicName,
          to.partition,
          chunk.map(({ message }) => message),
        );
        outcome.accept(chunk.length);
      } catch (error) {
        const type = errorType(error);
        if (type !== 'MESSAGE_TOO_LARGE' && type !== 'RECORD_LIST_TOO_LARGE') {
          outcome.fail([chunk, ...waiting.reverse()].flat(), error);
          return;
        }
        const [first] = chunk;
        if (chunk.length === 1 && first !== undefined) outcome.reject(first.event, tooLarge(first, to.maxBytes));
        else waiting.push(chunk.slice(chunk.length >> 1), chunk.slice(0, chunk.length >> 1));
      }
    }
  }

  /** What is known of the topic; asked again after a failure. */
  private ready(): Promise<Topic> {
    this.topic ??= this.ask().catch((error: unknown) => {
      this.topic = undefined;
      throw error;
    });
    return this.topic;
  }

  private async ask(): Promise<Topic> {
    const admin = await this.transport.admin();
    try {
      const [info] = await ensureTopics(admin, [this.topicName], this.settings);
      const encoder = await encoderOf(this.settings, this.topicName);
      const most = Number(await admin.topicSetting(this.topicName, 'max.message.bytes'));
      return {
        encoder: new BatchEncoder(this.settings.key, encoder, info?.partitions.length ?? 1),
        maxBytes: most > 0 ? most : USUAL_MOST,
      };
    } finally {
      await admin.close();
    }
  }
}

/** What became of the events of a batch. */
class Outcome {
  private accepted = 0;
  private readonly rejected: Refusal[] = [];
  private readonly retry: Refusal[] = [];
  private failure: Error | undefined;

  accept(count: number): void {
    this.accepted += count;
  }

  reject(event: number, reason: string): void {
    this.rejected.push({ event, reason });
  }

  fail(messages: readonly Addressed[], error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    this.failure ??= failure;
    for (const { event } of messages) this.retry.push({ event, reason: failure.message });
  }

  /** Throws where nothing of the batch was accepted, and what cannot be tried again. */
  delivery(): Delivery {
    const { failure, accepted, rejected } = this;
    if (failure !== undefined) {
      const final = failure instanceof LogsError && !failure.canRetry;
      if (final || accepted + rejected.length === 0) throw failure;
    }
    const byEvent = (a: Refusal, b: Refusal) => a.event - b.event;
    const retry = this.retry.sort(byEvent);
    return { accepted, rejected: rejected.sort(byEvent), ...(retry.length === 0 ? {} : { retry }) };
  }
}

/** A request is one record batch, and that has a limit, uncompressed for what we know of it. */
function chunksOf(messages: readonly Addressed[], maxBytes: number): Addressed[][] {
  const chunks: Addressed[][] = [];
  let chunk: Addressed[] = [];
  let size = BATCH_OVERHEAD;
  for (const addressed of messages) {
    const bytes = sizeOf(addressed);
    if (chunk.length >= MOST_MESSAGES || (chunk.length > 0 && size + bytes > maxBytes)) {
      chunks.push(chunk);
      chunk = [];
      size = BATCH_OVERHEAD;
    }
    chunk.push(addressed);
    size += bytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function sizeOf({ message: { key, value, headers } }: Addressed): number {
  let size = RECORD_OVERHEAD + (key?.length ?? 0) + value.length;
  for (const { name, value: content } of headers) size += name.length + content.length + 4;
  return size;
}

function tooLarge(addressed: Addressed, maxBytes: number): string {
  return `it takes ${sizeOf(addressed)} bytes as a message, and the topic takes ${maxBytes} (max.message.bytes)`;
}

/** A promise, or the signal's reason where that comes first: kafkajs cannot be interrupted. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
