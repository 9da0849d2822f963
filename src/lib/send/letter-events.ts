import type { SizedBatch } from '../record/batch.ts';
import type { EventContext, LogRecord } from '../record/record.ts';
import type { DeadLetter } from './dead-letters.ts';

/** Fields of a dead letter's record, beside those of the event; `_dead_topic` and others are its origin. */
const FIELD = {
  reason: '_dead_reason',
  from: '_dead_from',
  /** The log id that the event was sent under; the record's own is the letter's. */
  id: '_dead_id',
  /** The event's context as JSON, for it to be the same event when it is sent again. */
  context: '_dead_context',
  /** In base64, where they are no event of a store: nothing, or nothing but line ends. */
  bytes: '_dead_bytes',
} as const;

const PREFIX = '_dead_';
const OWN: ReadonlySet<string> = new Set(Object.values(FIELD));
const LF = 10;
const PLACEHOLDER = Buffer.from('(empty)');

/** A dead letter as it is kept in a store. */
export interface KeptLetter {
  /** The letter's log id. */
  readonly key: string;
  /** Nanoseconds since 1970 when it was kept. */
  readonly at: bigint;
  readonly letter: DeadLetter;
}

/** The batch of one event that a letter is kept as: its bytes and context, and what is known of it as fields. */
export function eventOfLetter({ bytes, context, id, from, reason, origin = {} }: DeadLetter): SizedBatch {
  const empty = bytes.every((byte) => byte === LF);
  const shown = empty ? PLACEHOLDER : bytes;
  const lines = shown.reduce((count, byte) => count + (byte === LF ? 1 : 0), 1);
  const fields = {
    ...context.fields,
    [FIELD.reason]: reason,
    [FIELD.from]: from,
    ...(id === undefined ? {} : { [FIELD.id]: id }),
    ...Object.fromEntries(Object.entries(origin).map(([name, value]) => [PREFIX + name, value])),
    [FIELD.context]: JSON.stringify(context),
    ...(empty ? { [FIELD.bytes]: Buffer.from(bytes).toString('base64') } : {}),
  };
  return {
    bytes: Buffer.concat([shown, Buffer.of(LF)]),
    lines,
    ...(lines > 1 ? { joins: [lines] } : {}),
    context: { ...context, fields },
    events: 1,
  };
}

/** The letter that a record was kept for; undefined for a record that is none. */
export function letterOfRecord(record: LogRecord): KeptLetter | undefined {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(record.fields, name) ? record.fields[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const context = text(FIELD.context);
  const bytes = text(FIELD.bytes);
  if (context === undefined) return undefined;
  const origin = Object.keys(record.fields)
    .filter((name) => name.startsWith(PREFIX) && !OWN.has(name))
    .map((name): [string, string] => [name.slice(PREFIX.length), text(name) ?? '']);
  return {
    key: record.log_id,
    at: record.receivedAt,
    letter: {
      bytes: bytes === undefined ? record.raw : Buffer.from(bytes, 'base64'),
      context: JSON.parse(context) as EventContext,
      id: text(FIELD.id),
      from: text(FIELD.from) ?? '',
      reason: text(FIELD.reason) ?? '',
      ...(origin.length === 0 ? {} : { origin: Object.fromEntries(origin) }),
    },
  };
}
