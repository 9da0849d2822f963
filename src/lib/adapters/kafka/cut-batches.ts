import type { SizedBatch } from '../../record/batch.ts';
import type { Unreadable } from '../../read/batch-source.ts';
import type { Fetched, InMessage } from './kafka-transport.ts';
import { type ReadEvent, readMessage, type Reading } from './read-message.ts';

const LF = 10;
/** A batch has no more bytes, unless its only event does. */
const MOST_BYTES = 4 << 20;
const MOST_EVENTS = 10_000;

/** A batch of what a partition has between two offsets. */
export interface CutBatch {
  readonly batch: SizedBatch;
  readonly unreadable: readonly Unreadable[];
  readonly from: number;
  readonly to: number;
}

/** Batches of fetched messages, cut where the context changes, in order. `from`: the offset that they go on from. */
export async function cutBatches(fetched: Fetched, from: number, reading: Reading): Promise<CutBatch[]> {
  const batches: CutBatch[] = [];
  let events: ReadEvent[] = [];
  let unreadable: Unreadable[] = [];
  let bytes = 0;
  let start = from;
  const cut = (to: number) => {
    const range = { from: start, to };
    const batch = batchOf(events, fetched, range, reading);
    batches.push({ batch, unreadable, ...range });
    events = [];
    unreadable = [];
    bytes = 0;
    start = to;
  };
  for (const message of fetched.messages) {
    if (message.offset < from) continue;
    const outcome = readMessage(message, fetched, reading);
    const read = outcome instanceof Promise ? await outcome : outcome;
    if (read === undefined) continue;
    if ('reason' in read) {
      unreadable.push(unreadableOf(message, fetched, read.reason));
      continue;
    }
    const full = bytes + read.event.length > MOST_BYTES || events.length >= MOST_EVENTS;
    if (events.length > 0 && (full || events[0]?.context !== read.context)) cut(message.offset);
    events.push(read);
    bytes += read.event.length + 1;
  }
  if (events.length > 0 || unreadable.length > 0) cut(fetched.next);
  return batches;
}

function batchOf(
  events: readonly ReadEvent[],
  { topic, partition }: Fetched,
  { from, to }: { readonly from: number; readonly to: number },
  { cluster }: Reading,
): SizedBatch {
  const bytes = Buffer.allocUnsafe(events.reduce((sum, { event }) => sum + event.length + 1, 0));
  const lineCounts: number[] = [];
  const ids: string[] = [];
  const offsets: number[] = [];
  let at = 0;
  let lines = 0;
  for (const { event, id, offset } of events) {
    bytes.set(event, at);
    at += event.length;
    bytes[at++] = LF;
    const count = linesIn(event);
    lines += count;
    lineCounts.push(count);
    ids.push(id);
    offsets.push(offset);
  }
  return {
    bytes,
    lines,
    events: events.length,
    ...(lines === events.length ? {} : { joins: lineCounts }),
    context: events[0]?.context ?? {},
    source: { id: `kafka:${cluster}/${topic}/${partition}`, from, to },
    ids,
    origin: (event) => ({ topic, partition: String(partition), offset: String(offsets[event]) }),
  };
}

function linesIn(event: Buffer): number {
  let count = 1;
  for (let at = event.indexOf(LF); at !== -1; at = event.indexOf(LF, at + 1)) count += 1;
  return count;
}

function unreadableOf({ value, offset }: InMessage, { topic, partition }: Fetched, reason: string): Unreadable {
  return {
    bytes: value ?? new Uint8Array(),
    reason,
    origin: { topic, partition: String(partition), offset: String(offset) },
  };
}
