import { Socket } from 'node:net';
import type { Admin, Consumer, EachBatchPayload, Producer, SASLOptions } from 'kafkajs';
import { received } from './received.ts';
import { installCodecs, typeOf } from './codecs.ts';
import { withWholeBatches } from './whole-batches.ts';
import { withRecords } from './placeholders.ts';
import { errorType, kafkaFailure } from './failure.ts';
import { Kafka, logLevel } from './kafkajs-api.ts';
import { kafkajsAdmin } from './kafkajs-admin.ts';
import { kafkajsReader } from './kafkajs-reader.ts';
import type { GroupHandler, GroupMember, KafkaProducer, KafkaTransport, OutMessage } from './kafka-transport.ts';
import type { KafkaSettings } from './settings.ts';

/** To the first answer of a broker. */
const CONNECT_MS = 2500;
/** Compressed bytes asked for at once: of a broker, and of one partition of it. */
const FETCH = { all: 4 << 20, partition: 1 << 20 };
/** A group is told that a member is alive so often, and takes it for dead after so long. */
const HEARTBEAT_MS = 3000;
const SESSION_MS = 30_000;
/** A fetch waits so long for something new. */
const WAIT_MS = 250;
/** Refusals after which the sequence of an idempotent producer is of no more use. */
const LOST_SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** A client of kafkajs 2. It logs nothing of its own, and loses nothing where one partition is sent to at a time. */
export function kafkajsTransport(settings: KafkaSettings): KafkaTransport {
  installCodecs();
  muteWarnings();
  const client = (retries: number) =>
    new Kafka({
      clientId: settings.clientId,
      brokers: [...settings.brokers],
      connectionTimeout: CONNECT_MS,
      authenticationTimeout: 5000,
      logLevel: logLevel.NOTHING,
      // Its own text goes to the console in spite of the level where it warns of the retries below.
      logCreator: () => () => undefined,
      retry: { retries, initialRetryTime: 100, maxRetryTime: 2000, multiplier: 2 },
      ...(settings.tls === undefined ? {} : { ssl: { ...settings.tls } }),
      ...(settings.sasl === undefined ? {} : { sasl: settings.sasl as SASLOptions }),
    });
  return {
    name: settings.name,
    async admin() {
      // With one try for each broker named: who is away is told at once. All else needs more of them: kafkajs counts it
      // as a failure where it has to ask a second broker.
      const probe = client(settings.brokers.length - 1).admin();
      await connect(probe, settings.name);
      await probe.disconnect();
      const admin = client(4).admin();
      await connect(admin, settings.name);
      return kafkajsAdmin(admin, settings.name);
    },
    async producer() {
      return new Sender(() => {
        const idempotent = settings.acks === 'all';
        return client(5).producer({ allowAutoTopicCreation: false, idempotent, maxInFlightRequests: 5 });
      }, settings);
    },
    async member(group, topics) {
      const consumer = withWholeBatches(client(5)).consumer({
        groupId: group,
        allowAutoTopicCreation: false,
        heartbeatInterval: HEARTBEAT_MS,
        sessionTimeout: SESSION_MS,
        maxWaitTimeInMs: WAIT_MS,
        maxBytes: FETCH.all,
        maxBytesPerPartition: FETCH.partition,
      });
      await connect(consumer, settings.name);
      return new Member(consumer, topics, settings.name);
    },
    reader: () => kafkajsReader(client(4), settings.name),
  };
}

async function connect(client: Admin | Consumer | Producer, name: string): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    await client.disconnect().catch(() => undefined);
    throw kafkaFailure(error, name, 'connect');
  }
}

class Sender implements KafkaProducer {
  private readonly make: () => Producer;
  private readonly settings: KafkaSettings;
  private connected: Promise<Producer> | undefined;

  constructor(make: () => Producer, settings: KafkaSettings) {
    this.make = make;
    this.settings = settings;
  }

  async send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<void> {
    const { name, acks, compression } = this.settings;
    const current = (this.connected ??= this.connect());
    try {
      const producer = await current;
      const results = await withRecords(partition, messages, (placeholders) =>
        producer.send({
          topic,
          acks: acks === 'all' ? -1 : 1,
          compression: typeOf(compression),
          messages: placeholders,
        }),
      );
      const result = results.find((each) => each.topicName === topic && each.partition === partition);
      // https://github.com/tulios/kafkajs resolves for partitions that it has not written, and leaves them out here.
      if (result === undefined) throw new Error(`nothing was said of partition ${partition}`);
    } catch (error) {
      if (LOST_SEQUENCE.has(errorType(error) ?? '')) this.drop(current);
      throw kafkaFailure(error, name, `write to topic ${topic}`);
    }
  }

  /** The next send begins with a new producer. */
  private drop(failed: Promise<Producer>): void {
    if (this.connected !== failed) return;
    this.connected = undefined;
    void failed.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const producer = this.make();
    try {
      await connect(producer, this.settings.name);
      return producer;
    } catch (error) {
      this.connected = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = await this.connected?.catch(() => undefined);
    await producer?.disconnect();
  }
}

class Member implements GroupMember {
  private readonly consumer: Consumer;
  private readonly topics: readonly string[];
  private readonly name: string;

  constructor(consumer: Consumer, topics: readonly string[], name: string) {
    this.consumer = consumer;
    this.topics = topics;
    this.name = name;
  }

  async run(handler: GroupHandler): Promise<void> {
    const { consumer } = this;
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH: FETCHED, START_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => handler.assigned(new Map(Object.entries(payload.memberAssignment))));
    consumer.on(REBALANCING, () => handler.rebalancing());
    consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) handler.failed(kafkaFailure(payload.error, this.name, 'read'));
    });
    // An answer, with something in it or not: what is in it comes after this.
    consumer.on(FETCHED, () => handler.idle());
    // Of batches whose messages nobody may see, only this tells.
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) handler.skipped(payload.topic, payload.partition, Number(payload.lastOffset) + 1);
    });
    try {
      await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        partitionsConsumedConcurrently: 4,
        eachBatch: (payload) => eachBatch(payload, handler),
      });
    } catch (error) {
      throw kafkaFailure(error, this.name, `read ${this.topics.join(', ')}`);
    }
  }

  seek(topic: string, partition: number, offset: number): void {
    this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  async commit(offsets: readonly { topic: string; partition: number; offset: number }[]): Promise<void> {
    try {
      await this.consumer.commitOffsets(offsets.map((each) => ({ ...each, offset: String(each.offset) })));
    } catch (error) {
      throw kafkaFailure(error, this.name, 'commit');
    }
  }

  async close(): Promise<void> {
    await this.consumer.disconnect().catch(() => undefined);
  }
}

async function eachBatch(payload: EachBatchPayload, handler: GroupHandler): Promise<void> {
  // Sought elsewhere since it was fetched.
  if (payload.isStale()) return;
  const { batch } = payload;
  const parts = batch.messages.map(received);
  const [part] = parts;
  const asked = Number(Reflect.get(batch, 'fetchedOffset'));
  const there = part === undefined ? asked : 'records' in part ? part.base : part.offset;
  await handler.messages(
    {
      topic: batch.topic,
      partition: batch.partition,
      parts,
      first: Math.max(asked, there),
      next: Number(batch.lastOffset()) + 1,
    },
    () => payload.heartbeat(),
  );
}

let muted = false;

/**
 * kafkajs sets timers in the past, which Node 24 warns of (https://github.com/tulios/kafkajs/issues/1751), and lets go of
 * a socket that never connected once for each request that waited, which leaves a listener each time.
 */
function muteWarnings(): void {
  if (muted) return;
  muted = true;
  const emit = process.emitWarning.bind(process) as (warning: string | Error, ...rest: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (rest[0] !== 'TimeoutNegativeWarning' && !isOfDeadSocket(warning)) emit(warning, ...rest);
  };
}

function isOfDeadSocket(warning: string | Error): boolean {
  if (typeof warning === 'string' || warning.name !== 'MaxListenersExceededWarning') return false;
  return 'type' in warning && warning.type === 'connect' && 'emitter' in warning && warning.emitter instanceof Socket;
}
