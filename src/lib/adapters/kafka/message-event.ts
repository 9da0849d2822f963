import { readJson } from '../../parse/json-reader.ts';
import { jsonText } from '../../record/json-text.ts';
import type { FieldValue } from '../../record/record.ts';
import type { InMessage } from './kafka-transport.ts';

const LF = 10;
/** What one event may have, as of a file. */
export const MOST_EVENT = 1 << 20;
/** What Kafka Connect puts before a payload. */
export const ENVELOPE = Buffer.from('{"schema":');

/** Reads values in Avro: bytes with a magic byte and the id of a schema before them. Throws where it cannot. */
export interface AvroReader {
  /** As one line of JSON. */
  read(value: Buffer): Promise<Buffer>;
}

/** The event of a message; nothing for one that holds none, a reason for one that cannot be read. */
export type ReadMessage = { readonly event: Buffer } | { readonly reason: string } | undefined;

/**
 * What a message says: its bytes, those of Avro as JSON, and the payload alone of the envelopes that Kafka Connect's
 * JsonConverter makes (`{"schema": …, "payload": …}`). `ours`: it came from logs and is kept byte for byte.
 */
export function eventOf(
  message: InMessage,
  ours: boolean,
  avro: AvroReader | undefined,
): ReadMessage | Promise<ReadMessage> {
  if (message.damaged !== undefined) return { reason: message.damaged };
  const { value } = message;
  if (value === null) return undefined;
  if (value.length > MOST_EVENT) return { reason: `it has ${value.length} bytes, more than ${MOST_EVENT}` };
  // Nothing is awaited for most messages: a promise for each would be half of the time of reading.
  if (value[0] === 0 && (!ours || avro !== undefined)) return readAvro(value, avro);
  return ours ? { event: value } : settled(value);
}

async function readAvro(value: Buffer, avro: AvroReader | undefined): Promise<ReadMessage> {
  if (avro === undefined) {
    return {
      reason: 'it begins with a zero byte, as Avro does: registry=URL in the address says where its schemas are',
    };
  }
  try {
    return { event: await avro.read(value) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A foreign event without the line end that some senders put behind it, and without its envelope. */
function settled(value: Buffer): ReadMessage {
  const event = value[value.length - 1] === LF ? value.subarray(0, -1) : value;
  if (!event.subarray(0, ENVELOPE.length).equals(ENVELOPE)) return event.length === 0 ? undefined : { event };
  const payload = payloadOf(event);
  if (payload === undefined) return { event };
  return payload === null ? undefined : { event: Buffer.from(jsonText(payload)) };
}

function payloadOf(event: Buffer): FieldValue | undefined {
  try {
    const { value } = readJson(event.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const names = Object.keys(value);
    if (names.length !== 2 || names[1] !== 'payload') return undefined;
    return (value as { readonly payload: FieldValue }).payload;
  } catch {
    return undefined;
  }
}

/** Whether there is more than line ends in it: an event of nothing else is none. */
export function hasText(event: Buffer): boolean {
  return event.some((byte) => byte !== LF);
}
