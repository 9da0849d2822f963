import { eachEvent } from '../../../record/events.ts';
import { parseLogId } from '../../../record/log-id.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { SizedBatch } from '../../../send/sink.ts';
import { documentOf, type DocumentOptions } from '../document/document-of.ts';

/** A batch whose events have ids. */
export type NamedBatch = SizedBatch & { readonly ids: readonly string[] };

export interface BulkTarget {
  /** The index of an event's time. */
  readonly index: (ts: bigint) => string;
  readonly options: DocumentOptions;
}

export interface BulkBody {
  readonly lines: Buffer;
  /** Events of it, by their numbers in the batch, in the order of the items. */
  readonly events: readonly number[];
  /** Those that were kept whole because they could not be parsed. */
  readonly unparsed: readonly number[];
  /** Gives the room of `lines` to the next batch: to be called once the server has answered. */
  readonly release: () => void;
}

/** Rooms of batches that were answered: a new one of some megabytes for each costs an eighth of the time it takes to fill it. */
const spareRooms: Buffer[] = [];
const MOST_ROOMS = 4;

/** The events of a batch as the body of `_bulk`: two lines for each. */
export function encodeBatch(batch: NamedBatch, target: BulkTarget): BulkBody {
  const encoder = new Encoder(batch, target);
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => encoder.add(event++, batch.bytes.subarray(start, end)));
  return encoder.end();
}

/** Some events of it, each with options of its own. */
export function encodeEvents(
  batch: NamedBatch,
  target: BulkTarget,
  events: ReadonlyMap<number, (record: LogRecord) => DocumentOptions>,
): BulkBody {
  const encoder = new Encoder(batch, target);
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const optionsOf = events.get(event);
    if (optionsOf !== undefined) encoder.add(event, batch.bytes.subarray(start, end), optionsOf);
    event += 1;
  });
  return encoder.end();
}

/** Bytes of a document beside its event's: the action before it, its id, times and marks. */
const FRAME = 400;
/** What `date_nanos` holds, in milliseconds. Only an id that is not one of ours is beyond it. */
const LAST_MS = 9_223_372_036_854;

class Encoder {
  readonly #batch: NamedBatch;
  readonly #target: BulkTarget;
  readonly #events: number[] = [];
  readonly #unparsed: number[] = [];
  #lines: Buffer;
  #length = 0;
  #prefix = '';
  #receivedAt = 0n;

  constructor(batch: NamedBatch, target: BulkTarget) {
    this.#batch = batch;
    this.#target = target;
    const length = batch.bytes.length * 2 + batch.events * FRAME;
    const spare = spareRooms.pop();
    this.#lines = spare !== undefined && spare.length >= length ? spare : Buffer.allocUnsafeSlow(length);
  }

  add(event: number, raw: Uint8Array, optionsOf?: (record: LogRecord) => DocumentOptions): void {
    const id = this.#batch.ids[event] as string;
    const record = parseEvent(raw, this.#batch.context, this.#receivedOf(id), id);
    const { options, index } = this.#target;
    const json = documentOf(record, optionsOf === undefined ? options : { ...options, ...optionsOf(record) });
    this.#write(`{"create":{"_index":"${index(record.ts)}","_id":${JSON.stringify(id)}}}\n${json}\n`);
    this.#events.push(event);
    if (Object.hasOwn(record.fields, '_parse_error')) this.#unparsed.push(event);
  }

  end(): BulkBody {
    const room = this.#lines;
    return {
      lines: room.subarray(0, this.#length),
      events: this.#events,
      unparsed: this.#unparsed,
      release: () => {
        if (spareRooms.length < MOST_ROOMS) spareRooms.push(room);
      },
    };
  }

  /** Bytes as they come: one string of them all costs as much again as making the documents. */
  #write(text: string): void {
    // A UTF-16 unit is three bytes at the most.
    const needed = this.#length + text.length * 3;
    if (needed > this.#lines.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#lines.length * 2));
      this.#lines.copy(larger, 0, 0, this.#length);
      this.#lines = larger;
    }
    this.#length += this.#lines.write(text, this.#length);
  }

  /** The time of receipt is in the id: an event sent again is the same document. */
  #receivedOf(id: string): bigint {
    const prefix = id.slice(0, 10);
    if (prefix !== this.#prefix) {
      this.#prefix = prefix;
      const said = parseLogId(id)?.receivedMs ?? Number.POSITIVE_INFINITY;
      this.#receivedAt = BigInt(said > LAST_MS ? Date.now() : said) * 1_000_000n;
    }
    return this.#receivedAt;
  }
}
