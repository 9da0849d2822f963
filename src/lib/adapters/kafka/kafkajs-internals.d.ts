/* What kafkajs has and does not say that it has: fetching from a partition without a group. Of version 2.2.4. */

declare module 'kafkajs/src/consumer/batch.js' {
  import type { KafkaMessage } from 'kafkajs';

  /** Of a fetch: without what nobody may see, the messages of transactions that were given up and the ends of them. */
  export default class Batch {
    constructor(topic: string, fetchedOffset: string, partitionData: unknown);
    readonly messages: KafkaMessage[];
    isEmpty(): boolean;
    isEmptyDueToFiltering(): boolean;
    lastOffset(): string;
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  /** Reads an answer of a broker from `offset` on, in order. */
  export default class Decoder {
    constructor(bytes: Buffer);
    offset: number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string | null;
    readBytes(): Buffer | null;
    readVarIntBytes(): Buffer;
    canReadBytes(count: number): boolean;
    readArray<T>(read: (decoder: Decoder) => T): T[];
    readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>;
  }
}

declare module 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  /** Messages of one partition, of any format, with how many bytes they have before them. */
  export default function decodeMessages(decoder: Decoder): Promise<object[]>;
}

declare module 'kafkajs/src/cluster/index.js' {
  interface FetchRequest {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    /** 1: committed. */
    readonly isolationLevel: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }

  /** A request and how its answer is read. */
  interface Exchange {
    readonly request: { readonly apiKey: number; readonly apiVersion: number };
    readonly response: { decode(raw: Buffer): Promise<object> };
  }

  interface Broker {
    readonly connectionPool: { send(exchange: Exchange): Promise<object> };
    fetch(request: FetchRequest): Promise<{
      readonly responses: readonly {
        readonly topicName: string;
        readonly partitions: readonly { readonly partition: number }[];
      }[];
    }>;
  }

  export default class Cluster {
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    refreshMetadata(): Promise<void>;
    refreshMetadataIfNecessary(): Promise<void>;
    findLeaderForPartitions(topic: string, partitions: readonly number[]): { readonly [node: string]: number[] };
    findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  }
}
