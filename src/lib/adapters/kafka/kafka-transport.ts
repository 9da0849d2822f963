import type { Part } from './batch-messages.ts';

/** A message as it is written. */
export interface OutMessage {
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly headers: readonly { readonly name: string; readonly value: Buffer | string }[];
}

/** A message as it was read. */
export interface InMessage {
  readonly offset: number;
  /** Milliseconds since 1970, of its producer or of the broker, as the topic is set to. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
  readonly headers: { readonly [name: string]: Buffer | string | readonly (Buffer | string)[] | undefined };
  /** Set where the message could not be made out, with why; key and value are empty then. */
  readonly damaged?: string;
}

/** Messages of one partition, in order. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly InMessage[];
  /** The offset to go on from: messages that nobody may see lie between too. */
  readonly next: number;
}

/** What a member was given of one partition, in order, and has not read yet. */
export interface Unread {
  readonly topic: string;
  readonly partition: number;
  readonly parts: readonly Part[];
  /** Offsets: the first that was asked for, or the first there is; and the one to go on from, as of `Fetched`. */
  readonly first: number;
  readonly next: number;
}

export interface TopicInfo {
  readonly name: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly inSync: readonly number[];
  }[];
}

/** The offsets that a partition has: `low` is its oldest message's, `high` the next one's. */
export interface Extent {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** How far a group has come in a partition: the next offset it wants; undefined where it has committed none. */
export interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | undefined;
}

/** Asks and changes a cluster. Every call throws what `kafkaFailure` makes of its failure. */
export interface KafkaAdmin {
  clusterId(): Promise<string>;
  topicNames(): Promise<readonly string[]>;
  /** Throws REMOTE_UNSUITABLE naming the first that is not there. */
  topics(names: readonly string[]): Promise<readonly TopicInfo[]>;
  extents(topic: string): Promise<readonly Extent[]>;
  /** The first offset of each partition whose message is of that time, milliseconds since 1970, or later; its end where none is. */
  offsetsAt(topic: string, time: number): Promise<ReadonlyMap<number, number>>;
  committed(group: string, topics: readonly string[]): Promise<readonly Committed[]>;
  groups(): Promise<readonly string[]>;
  /** A setting of a topic as it is in force; undefined where we may not know. */
  topicSetting(topic: string, name: string): Promise<string | undefined>;
  /** False where it was there already. */
  createTopic(topic: string, shape: NewTopic): Promise<boolean>;
  close(): Promise<void>;
}

export interface NewTopic {
  readonly partitions?: number;
  readonly replication?: number;
  readonly retentionMs?: number;
}

/** Writes messages. */
export interface KafkaProducer {
  /**
   * MUST resolve only when all of them are acknowledged, and reject otherwise; messages of one partition alone, in
   * order. Several calls may be under way, of different partitions.
   */
  send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** What a member of a group is told. */
export interface GroupHandler {
  /**
   * These partitions are its own from now on, and no others; called before their first message, again on every change.
   * It may seek.
   */
  assigned(partitions: ReadonlyMap<string, readonly number[]>): void;
  /** No more is fetched of the partition until it resolves; `alive` MUST be called now and then meanwhile. */
  messages(unread: Unread, alive: () => Promise<void>): Promise<void>;
  /** Nobody may see what is before `next`. */
  skipped(topic: string, partition: number, next: number): void;
  /** A broker answered that it has nothing new. */
  idle(): void;
  /** The group is about to share its partitions out anew: the last time to commit. */
  rebalancing(): void;
  /** It cannot go on. */
  failed(error: Error): void;
}

/** A member of a group. */
export interface GroupMember {
  run(handler: GroupHandler): Promise<void>;
  seek(topic: string, partition: number, offset: number): void;
  commit(
    offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[],
  ): Promise<void>;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** Reads partitions from any offset, as no member of a group. */
export interface TopicReader {
  /**
   * What each partition has at an offset and behind it, some of it: after a short wait maybe nothing. Undefined where
   * one of the offsets is not there (any more).
   */
  fetch(topic: string, positions: ReadonlyMap<number, number>): Promise<readonly Fetched[] | undefined>;
  close(): Promise<void>;
}

/** A client of Kafka: what the sink, the source and the store need of one. */
export interface KafkaTransport {
  readonly name: string;
  admin(): Promise<KafkaAdmin>;
  producer(): Promise<KafkaProducer>;
  /** Not yet in its group. */
  member(group: string, topics: readonly string[]): Promise<GroupMember>;
  reader(): Promise<TopicReader>;
}
