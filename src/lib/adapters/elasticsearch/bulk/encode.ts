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
}

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

class Encoder {
  readonly #batch: NamedBatch;
  readonly #target: BulkTarget;
  readonly #events: number[] = [];
  readonly #unparsed: number[] = [];
  #text = '';
  #prefix = '';
  #receivedAt = 0n;

  constructor(batch: NamedBatch, target: BulkTarget) {
    this.#batch = batch;
    this.#target = target;
  }

  add(event: number, raw: Uint8Array, optionsOf?: (record: LogRecord) => DocumentOptions): void {
    const id = this.#batch.ids[event] as string;
    const record = parseEvent(raw, this.#batch.context, this.#receivedOf(id), id);
    const { options, index } = this.#target;
    const json = documentOf(record, optionsOf === undefined ? options : { ...options, ...optionsOf(record) });
    this.#text += `{"create":{"_index":"${index(record.ts)}","_id":${JSON.stringify(id)}}}\n${json}\n`;
    this.#events.push(event);
    if (Object.hasOwn(record.fields, '_parse_error')) this.#unparsed.push(event);
  }

  end(): BulkBody {
    return { lines: Buffer.from(this.#text), events: this.#events, unparsed: this.#unparsed };
  }

  /** The time of receipt is in the id: an event sent again is the same document. */
  #receivedOf(id: string): bigint {
    const prefix = id.slice(0, 10);
    if (prefix !== this.#prefix) {
      this.#prefix = prefix;
      this.#receivedAt = BigInt(parseLogId(id)?.receivedMs ?? Date.now()) * 1_000_000n;
    }
    return this.#receivedAt;
  }
}
