import type { OutMessage } from './kafka-transport.ts';

/** The records of a batch as the protocol has them, not compressed. */
export interface EncodedRecords {
  readonly bytes: Buffer;
  /** Milliseconds since 1970: the earliest and the latest of their times. */
  readonly first: number;
  readonly last: number;
}

/** A number takes so many bytes as a varint, at the most, and as one of 64 bits. */
const VARINT = 5;
const VARLONG = 10;

/**
 * Encodes messages as the records of one batch. https://kafka.apache.org/documentation/#record
 * In one buffer and one pass: kafkajs takes one buffer of 512 bytes for each record and each header, and half of the
 * time of producing with it.
 */
export function encodeRecords(messages: readonly OutMessage[]): EncodedRecords {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  let most = 0;
  for (const message of messages) {
    first = Math.min(first, message.timestamp);
    last = Math.max(last, message.timestamp);
    most += mostBytes(message);
  }
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (let offset = 0; offset < messages.length; offset += 1) {
    at = writeRecord(bytes, at, messages[offset] as OutMessage, offset, first);
  }
  return { bytes: bytes.subarray(0, at), first, last };
}

function mostBytes({ key, value, headers }: OutMessage): number {
  let most = 1 + VARLONG + 5 * VARINT + (key?.length ?? 0) + value.length;
  for (const { name, value: content } of headers) most += 2 * VARINT + 3 * (name.length + content.length);
  return most;
}

/** The body is written behind room for the longest length, then moved up to the length that it has. */
function writeRecord(into: Buffer, start: number, message: OutMessage, offset: number, first: number): number {
  const { key, value, headers, timestamp } = message;
  const body = start + VARINT;
  let at = body;
  // Attributes: none are in use.
  into[at++] = 0;
  at = writeVarint(into, at, timestamp - first);
  at = writeVarint(into, at, offset);
  if (key === null) at = writeVarint(into, at, -1);
  else at = writeBytes(into, at, key);
  at = writeBytes(into, at, value);
  at = writeVarint(into, at, headers.length);
  for (const header of headers) {
    at = writeText(into, at, header.name);
    at = typeof header.value === 'string' ? writeText(into, at, header.value) : writeBytes(into, at, header.value);
  }
  const bodyStart = writeVarint(into, start, at - body);
  into.copyWithin(bodyStart, body, at);
  return bodyStart + at - body;
}

function writeBytes(into: Buffer, start: number, bytes: Buffer): number {
  const at = writeVarint(into, start, bytes.length);
  into.set(bytes, at);
  return at + bytes.length;
}

function writeText(into: Buffer, start: number, text: string): number {
  const at = writeVarint(into, start, Buffer.byteLength(text));
  return at + into.write(text, at);
}

/** Zigzag, then seven bits a byte, the lowest first; up to 2^52. */
function writeVarint(into: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest > 127) {
    into[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}
