import { encodeRecords } from './encode-records.ts';
import type { OutMessage } from './kafka-transport.ts';

/** An empty message in the place of one that is encoded already. */
interface Placeholder {
  readonly value: null;
  readonly partition: number;
  readonly key?: Buffer;
  readonly timestamp: string;
}

const ENCODED = new Map<number, Buffer>();
let tickets = 0;

const TICKET_BYTES = 6;

/**
 * Sends messages of one partition through kafkajs 2.2.4 without what it does to each of them, most of the time of
 * producing: it puts every record and every header into a buffer of 512 bytes, and sorts messages by partition in a
 * time that grows with their square. So it is given as many empty ones, which it counts, numbers and puts before a
 * codec; `recordsOf` gives the codec what they stand for. The key of the first says which they are.
 */
export async function withRecords<T>(
  partition: number,
  messages: readonly OutMessage[],
  send: (placeholders: Placeholder[]) => Promise<T>,
): Promise<T> {
  const { bytes, first, last } = encodeRecords(messages);
  const ticket = ++tickets;
  const key = Buffer.alloc(TICKET_BYTES);
  key.writeUIntBE(ticket, 0, TICKET_BYTES);
  ENCODED.set(ticket, bytes);
  try {
    // Of all times only the earliest and the latest are written with a batch.
    const head: Placeholder = { value: null, partition, key, timestamp: String(first) };
    return await send(alike(head, { value: null, partition, timestamp: String(last) }, messages.length));
  } finally {
    ENCODED.delete(ticket);
  }
}

/** What the records that kafkajs encoded stand for. */
export function recordsOf(placeholders: Buffer): Buffer {
  // Length, attributes, time 0, offset 0, length of the key: a byte each.
  const encoded = ENCODED.get(placeholders.readUIntBE(5, TICKET_BYTES));
  if (encoded === undefined) throw new Error('these are no messages of ours');
  return encoded;
}

/** One message, then others that are all the same: what is made of one of them holds for the rest. */
function alike(head: Placeholder, other: Placeholder, length: number): Placeholder[] {
  const all = Array.from({ length }, (_, at) => (at === 0 ? head : other));
  const ofEach = <T>(make: (message: Placeholder, at: number) => T): T[] => {
    const made = length === 1 ? [] : new Array<T>(length).fill(make(other, 1));
    made[0] = make(head, 0);
    return made;
  };
  // What kafkajs calls to find the messages of each partition, and to encode them.
  return Object.defineProperties(all, {
    reduce: { value: () => ({ [head.partition]: all }) },
    map: { value: ofEach },
  });
}
