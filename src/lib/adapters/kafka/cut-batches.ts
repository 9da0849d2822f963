import type { SizedBatch } from '../../record/batch.ts';
import type { EventContext } from '../../record/record.ts';
import type { Unreadable } from '../../read/batch-source.ts';
import { idOfPlace } from './encode-batch.ts';
import type { Fetched, InMessage } from './kafka-transport.ts';
import { type AvroReader, eventOf, hasText } from './message-event.ts';
import { headerText, idOf, LOG_CONTEXT, readContext } from './message-headers.ts';

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

/** What messages are read with. */
export interface Cutting {
  readonly cluster: string;
  readonly avro: AvroReader | undefined;
  /** Contexts that were read, by the text of their headers: agents repeat them. */
  readonly contexts: Map<string, EventContext>;
}

/** An event of a message, or why there is none. */
interface Read {
  readonly message: InMessage;
  readonly context: EventContext;
  readonly event: Buffer;
}

/** Batches of fetched messages, cut where the context changes, in order. `from`: the offset that they go on from. */
export async function cutBatches(fetched: Fetched, from: number, cutting: Cutting): Promise<CutBatch[]> {
  const batches: CutBatch[] = [];
  let events: Read[] = [];
  let unreadable: Unreadable[] = [];
  let bytes = 0;
  let start = from;
  const cut = (to: number) => {
    const range = { from: start, to };
    const batch = batchOf(events, fetched, range, cutting);
    batches.push({ batch, unreadable, ...range });
    events = [];
    unreadable = [];
    bytes = 0;
    start = to;
  };
  for (const message of fetched.messages) {
    if (message.offset < from) continue;
    const read = await readMessage(message, cutting);
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

async function readMessage(
  message: InMessage,
  { avro, contexts }: Cutting,
): Promise<Read | { readonly reason: string } | undefined> {
  const read = await eventOf(message, idOf(message) !== undefined, avro);
  if (read === undefined || 'reason' in read) return read;
  if (!hasText(read.event)) return undefined;
  const text = headerText(message, LOG_CONTEXT);
  try {
    const context = text === undefined ? foreignContext(message, contexts) : contextOf(text, contexts);
    return { message, context, event: read.event };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Contexts that are held: of many agents in one topic some are read again. */
const MOST_CONTEXTS = 1000;

function contextOf(text: string, contexts: Map<string, EventContext>): EventContext {
  return contexts.get(text) ?? remember(text, readContext(text), contexts);
}

/** Of a message that is not ours, the key may be its service: a short text without control characters. */
function foreignContext({ key }: InMessage, contexts: Map<string, EventContext>): EventContext {
  const text = key === null || key.length > 255 ? '' : key.toString('utf8');
  const service = /^[\w.@:/-]+$/.test(text) ? text : undefined;
  const name = `key ${service ?? ''}`;
  return contexts.get(name) ?? remember(name, service === undefined ? {} : { service }, contexts);
}

function remember(name: string, context: EventContext, contexts: Map<string, EventContext>): EventContext {
  if (contexts.size >= MOST_CONTEXTS) contexts.clear();
  contexts.set(name, context);
  return context;
}

function batchOf(
  events: readonly Read[],
  { topic, partition }: Fetched,
  { from, to }: { readonly from: number; readonly to: number },
  { cluster }: Cutting,
): SizedBatch {
  const bytes = Buffer.allocUnsafe(events.reduce((sum, { event }) => sum + event.length + 1, 0));
  const lineCounts: number[] = [];
  const ids: string[] = [];
  const offsets: number[] = [];
  let at = 0;
  let lines = 0;
  for (const { event, message } of events) {
    bytes.set(event, at);
    at += event.length;
    bytes[at++] = LF;
    const count = linesIn(event);
    lines += count;
    lineCounts.push(count);
    ids.push(idOf(message) ?? idOfPlace({ cluster, topic, partition, ...message }));
    offsets.push(message.offset);
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
