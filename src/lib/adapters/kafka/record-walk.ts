import type { InMessage } from './kafka-transport.ts';
import { LOG_CONTEXT, LOG_ID } from './message-headers.ts';
import type { RecordBatch } from './record-batch.ts';

const ID_NAME = Buffer.from(LOG_ID);
const CONTEXT_NAME = Buffer.from(LOG_CONTEXT);

/**
 * Goes through the records of a batch and says of each where its parts are: bounds, [start, end), and no objects; a start
 * of -1 where there is none. https://kafka.apache.org/documentation/#record
 */
export class RecordWalk {
  readonly bytes: Buffer;
  offset = 0;
  timestamp = 0;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  idStart = -1;
  idEnd = -1;
  contextStart = -1;
  contextEnd = -1;
  /** Whether a header of ours is there twice or without a value: then only `message` tells what it says. */
  isOdd = false;
  private readonly batch: RecordBatch;
  private at = 0;
  private headersAt = 0;

  constructor(batch: RecordBatch, bytes: Buffer) {
    this.batch = batch;
    this.bytes = bytes;
  }

  /** Goes to the next record; false where no whole one is there. */
  next(): boolean {
    const { bytes, batch } = this;
    const length = this.varint();
    const end = this.at + length;
    // Also where a length is no number, behind the last byte.
    if (!(length > 0 && end <= bytes.length)) return false;
    // Attributes: none are in use.
    this.at += 1;
    const delta = this.varint();
    this.timestamp = batch.appended ?? batch.firstTime + delta;
    this.offset = batch.base + this.varint();
    const key = this.varint();
    this.keyStart = key < 0 ? -1 : this.at;
    if (key > 0) this.at += key;
    this.keyEnd = this.at;
    const value = this.varint();
    this.valueStart = value < 0 ? -1 : this.at;
    if (value > 0) this.at += value;
    this.valueEnd = this.at;
    this.headersAt = this.at;
    if (!(this.at < end)) return false;
    this.findHeaders(end);
    if (!(this.at <= end)) return false;
    this.at = end;
    return true;
  }

  /** The record as a message, parts of `bytes`. */
  message(): InMessage {
    const { bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd } = this;
    return {
      offset,
      timestamp,
      key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
      value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      headers: this.headers(),
    };
  }

  private findHeaders(end: number): void {
    this.idStart = -1;
    this.contextStart = -1;
    this.isOdd = false;
    const count = this.varint();
    for (let each = 0; each < count && this.at < end; each += 1) {
      const length = this.varint();
      const name = this.at;
      if (length > 0) this.at += length;
      const size = this.varint();
      const start = this.at;
      if (size > 0) this.at += size;
      if (length === ID_NAME.length && isAt(this.bytes, name, ID_NAME)) {
        this.isOdd ||= size < 0 || this.idStart >= 0;
        this.idStart = start;
        this.idEnd = this.at;
      } else if (length === CONTEXT_NAME.length && isAt(this.bytes, name, CONTEXT_NAME)) {
        this.isOdd ||= size < 0 || this.contextStart >= 0;
        this.contextStart = start;
        this.contextEnd = this.at;
      }
    }
  }

  /** Of a name that is there several times, all values, in order. */
  private headers(): InMessage['headers'] {
    const { bytes, at } = this;
    const headers: { [name: string]: Buffer | (Buffer | null)[] | null } = Object.create(null);
    this.at = this.headersAt;
    const count = this.varint();
    for (let each = 0; each < count; each += 1) {
      const length = this.varint();
      const name = bytes.toString('utf8', this.at, this.at + Math.max(length, 0));
      if (length > 0) this.at += length;
      const size = this.varint();
      const value = size < 0 ? null : bytes.subarray(this.at, this.at + size);
      if (size > 0) this.at += size;
      const known = headers[name];
      if (known === undefined) headers[name] = value;
      else if (Array.isArray(known)) known.push(value);
      else headers[name] = [known, value];
    }
    this.at = at;
    return headers as InMessage['headers'];
  }

  /** Zigzag, seven bits a byte, the lowest first; exact up to 2^52. Not a number behind the last byte. */
  private varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 127;
    let scale = 128;
    do {
      byte = bytes[this.at++] as number;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Whether bytes have others at a place. A loop is quicker than a call of `compare` for so few. */
export function isAt(bytes: Buffer, start: number, other: Buffer): boolean {
  for (let at = 0; at < other.length; at += 1) {
    if (bytes[start + at] !== other[at]) return false;
  }
  return true;
}
