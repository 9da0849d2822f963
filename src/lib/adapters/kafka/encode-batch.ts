import { createHash } from 'node:crypto';
import { eachEvent } from '../../record/events.ts';
import { formatLogId, parseLogId } from '../../record/log-id.ts';
import { createMint } from '../../send/mint-ids.ts';
import type { SizedBatch } from '../../record/batch.ts';
import type { OutMessage } from './kafka-transport.ts';
import { type Header, JSON_TYPE, LOG_CONTEXT, LOG_ID, TEXT_TYPE } from './message-headers.ts';
import { partitionOf } from './partitioner.ts';
import { keyReader } from './service-key.ts';

const BRACE = 123;

/** A message and which event of its batch it is. */
export interface Addressed {
  readonly event: number;
  readonly message: OutMessage;
}

/** What an event is written as. */
export interface Encoder {
  /** Absent: told by the first byte of each event. */
  readonly contentType: Header | undefined;
  /** `receivedMs`: milliseconds since 1970. */
  encode(event: Buffer, batch: SizedBatch, id: string, receivedMs: number): Buffer;
}

/** The bytes as received. */
export const BYTES: Encoder = { contentType: undefined, encode: (event) => event };

/** Makes messages of events, for the partitions of one topic. */
export class BatchEncoder {
  private readonly key: string;
  private readonly encoder: Encoder;
  private readonly mint = createMint();
  private readonly keys = new Map<string, { readonly key: Buffer; readonly partition: number }>();
  private readonly count: number;
  private turn = 0;

  /** `key`: a field, or `none`. `count`: partitions of the topic. */
  constructor(key: string, encoder: Encoder, count: number) {
    this.key = key;
    this.encoder = encoder;
    this.count = count;
  }

  /** The messages of each partition, in order. Events without a key go to one partition together, the next in turn. */
  messages(batch: SizedBatch): Map<number, Addressed[]> {
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
    const keyOf = keyReader(this.key, batch.context);
    const context = { name: LOG_CONTEXT, value: Buffer.from(JSON.stringify(batch.context)) };
    const { ids = [] } = this.mint(batch);
    const clock = new Clock();
    const unkeyed = this.turn++ % this.count;
    const partitions = new Map<number, Addressed[]>();
    let event = 0;
    eachEvent(bytes, batch.joins, (start, end) => {
      const raw = bytes.subarray(start, end);
      const id = ids[event] as string;
      const key = keyOf(raw);
      const place = key === undefined ? { key: null, partition: unkeyed } : this.place(key);
      const at = clock.at(id);
      const message: OutMessage = {
        key: place.key,
        value: this.encoder.encode(raw, batch, id, at),
        timestamp: at,
        headers: [
          { name: LOG_ID, value: id },
          this.encoder.contentType ?? (raw[0] === BRACE ? JSON_TYPE : TEXT_TYPE),
          context,
        ],
      };
      const list = partitions.get(place.partition);
      if (list === undefined) partitions.set(place.partition, [{ event, message }]);
      else list.push({ event, message });
      event += 1;
    });
    return partitions;
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
  return formatLogId(place.timestamp, writerOf(place), place.offset, 0);
}

interface PlaceOfMessage {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

function writerOf({ cluster, topic, partition }: PlaceOfMessage): string {
  return createHash('sha256').update(`${cluster}/${topic}/${partition}`).digest('hex').slice(0, 12);
}
