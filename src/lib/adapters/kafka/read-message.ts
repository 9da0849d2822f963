import type { EventContext } from '../../record/record.ts';
import { idOfPlace } from './encode-batch.ts';
import type { Fetched, InMessage } from './kafka-transport.ts';
import { type AvroReader, eventOf, hasText, type ReadMessage } from './message-event.ts';
import { headerText, idOf, LOG_CONTEXT, readContext } from './message-headers.ts';
import type { SourceNames } from './source-ids.ts';

/** What the messages of a cluster are read with. */
export interface Reading extends SourceNames {
  readonly avro: AvroReader | undefined;
  /** Contexts that were read, by the text of their headers: agents repeat them. */
  readonly contexts: Map<string, EventContext>;
}

/** The event of a message: its bytes, its id, and what else is needed to make a record of it. */
export interface ReadEvent {
  readonly offset: number;
  readonly event: Buffer;
  readonly context: EventContext;
  readonly id: string;
}

/** What became of a message: undefined where it holds no event, a reason where it cannot be read. */
type Outcome = ReadEvent | { readonly reason: string } | undefined;

/** The event of a message; a promise only where something has to be asked for it. */
export function readMessage(
  message: InMessage,
  place: Pick<Fetched, 'topic' | 'partition'>,
  reading: Reading,
): Outcome | Promise<Outcome> {
  const id = idOf(message);
  const read = eventOf(message, id !== undefined, reading.avro);
  if (read instanceof Promise) return read.then((each) => outcomeOf(each, message, id, place, reading));
  return outcomeOf(read, message, id, place, reading);
}

function outcomeOf(
  read: ReadMessage,
  message: InMessage,
  id: string | undefined,
  { topic, partition }: Pick<Fetched, 'topic' | 'partition'>,
  { cluster, contexts }: Reading,
): Outcome {
  if (read === undefined || 'reason' in read) return read;
  if (!hasText(read.event)) return undefined;
  const text = headerText(message, LOG_CONTEXT);
  try {
    return {
      offset: message.offset,
      event: read.event,
      context: text === undefined ? foreignContext(message, contexts) : contextOf(text, contexts),
      id: id ?? idOfPlace({ ...message, cluster, topic, partition }),
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Contexts that are held: of many agents in one topic some are read again. */
const MOST_CONTEXTS = 1000;

/** Throws as `readContext` does. */
export function contextOf(text: string, contexts: Map<string, EventContext>): EventContext {
  return contexts.get(text) ?? remember(text, readContext(text), contexts);
}

/** Of a message that is not ours, the key may be its service: a short text without spaces. */
export function foreignContext({ key }: Pick<InMessage, 'key'>, contexts: Map<string, EventContext>): EventContext {
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
