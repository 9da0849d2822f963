import { createHash } from 'node:crypto';
import { parseEvent } from '../../parse/parse-event.ts';
import { eachEvent } from '../../record/events.ts';
import { formatLogId, parseLogId } from '../../record/log-id.ts';
import { createMint } from '../../send/mint-ids.ts';
import type { SizedBatch } from '../../record/batch.ts';
import type { LogRecord } from '../../record/record.ts';
import type { OutMessage } from './kafka-transport.ts';
import { type Header, JSON_TYPE, LOG_CONTEXT, LOG_ID, TEXT_TYPE } from './message-headers.ts';
import { partitionOf } from './partitioner.ts';
import { keyOfRecord, keyReader } from './service-key.ts';

const BRACE = 123;

/** What is made of an event before it is addressed. */
interface ReadForTopic {
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly headers: readonly Header[];
}

/** A message and which event of its batch it is. */
export interface Addressed {
  readonly event: number;
  readonly message: OutMessage;
}

/** What events are written as where they are parsed first. */
export interface Encoder {
  readonly contentType: Header;
  ofRecord(record: LogRecord): Buffer;
}

/** Makes messages of events, for the partitions of one topic. */
export class BatchEncoder {
  private readonly key: string;
  private readonly encoder: Encoder | undefined;
  private readonly mint = createMint();
  private readonly keys = new Map<string, { readonly key: Buffer; readonly partition: number }>();
  private readonly count: number;
  private turn = 0;

  /** `key`: a field, or `none`. `encoder`: absent, bytes are written as received. `count`: partitions of the topic. */
  constructor(key: string, encoder: Encoder | undefined, count: number) {
    this.key = key;
    this.encoder = encoder;
    this.count = count;
  }

  /** The messages of each partition, in order. Events without a key go to one partition together, the next in turn. */
  messages(batch: SizedBatch): Map<number, Addressed[]> {
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
    const { ids = [] } = this.mint(batch);
    const read = this.reader(batch);
    const clock = new Clock();
    const unkeyed = this.turn++ % this.count;
    const partitions = new Map<number, Addressed[]>();
    let event = 0;
    eachEvent(bytes, batch.joins, (start, end) => {
      const id = ids[event] as string;
      const at = clock.at(id);
      const { key, value, headers } = read(bytes.subarray(start, end), id, at);
      const place = key === undefined ? { key: null, partition: unkeyed } : this.place(key);
      const message: OutMessage = {
        key: place.key,
        value,
        timestamp: at,
        headers: [{ name: LOG_ID, value: id }, ...headers],
      };
      const list = partitions.get(place.partition);
      if (list === undefined) partitions.set(place.partition, [{ event, message }]);
      else list.push({ event, message });
      event += 1;
    });
    return partitions;
  }

  /** How the events of a batch are read: for nothing but their keys, where they are written as received. */
  private reader({ context }: SizedBatch): (event: Buffer, id: string, receivedMs: number) => ReadForTopic {
    const { encoder, key } = this;
    if (encoder === undefined) {
      const keyOf = keyReader(key, context);
      const given = { name: LOG_CONTEXT, value: Buffer.from(JSON.stringify(context)) };
      const [json, text] = [
        [JSON_TYPE, given],
        [TEXT_TYPE, given],
      ];
      return (event) => ({ key: keyOf(event), value: event, headers: event[0] === BRACE ? json : text });
    }
    // The record has all that the context says.
    const headers = [encoder.contentType, { name: LOG_CONTEXT, value: Buffer.from('{}') }];
    return (event, id, receivedMs) => {
      const record = parseEvent(event, context, BigInt(receivedMs) * 1_000_000n, id);
      return { key: keyOfRecord(key, record), value: encoder.ofRecord(record), headers };
    };
  }

  private place(key: string): { readonly key: Buffer; readonly partition: number } {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    const bytes = Buffer.from(key);
    const place = { key: bytes, partition: partitionOf(bytes, this.count) };
    // A field with ever new values would fill the memory.
    if (this.keys.size >= 10_000) this.keys.clear();
    this.keys.set(key, place);
    return place;
  }
}

/** The receive times of ids, of which those of one batch mostly have the same. */
class Clock {
  private prefix = '';
  private known = 0;

  at(id: string): number {
    // The first nine characters hold all of the time but its last three bits, the tenth those.
    const prefix = id.slice(0, 10);
    if (prefix !== this.prefix) {
      this.known = parseLogId(id)?.receivedMs ?? Date.now();
      this.prefix = prefix;
    }
    return this.known;
  }
}

/** The id of a message that came without one: the same whenever and by whomever it is read. */
export function idOfPlace(place: PlaceOfMessage): string {
  return idOfWriter(writerOf(place), place);
}

/** The same, for many messages of one partition: `writer` as `writerOf` makes it of that. */
export function idOfWriter(
  writer: string,
  { timestamp, offset }: Pick<PlaceOfMessage, 'timestamp' | 'offset'>,
): string {
  return formatLogId(timestamp, writer, offset, 0);
}

interface PlaceOfMessage {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export function writerOf({ cluster, topic, partition }: Omit<PlaceOfMessage, 'timestamp' | 'offset'>): string {
  return createHash('sha256').update(`${cluster}/${topic}/${partition}`).digest('hex').slice(0, 12);
}
