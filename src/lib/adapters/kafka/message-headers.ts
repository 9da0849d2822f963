import { LogsError } from '../../errors.ts';
import type { EventContext } from '../../record/record.ts';
import type { InMessage, OutMessage } from './kafka-transport.ts';

/** The id of an event, 32 characters. */
export const LOG_ID = 'log_id';
/** What ship knows of an event beside its bytes, as JSON: whoever reads it makes the same record of it. */
export const LOG_CONTEXT = 'log_context';

export type Header = OutMessage['headers'][number];

export const JSON_TYPE = contentType('application/json');
export const TEXT_TYPE = contentType('text/plain; charset=utf-8');
export const AVRO_TYPE = contentType('avro/binary');

function contentType(value: string): Header {
  return { name: 'content-type', value: Buffer.from(value) };
}

/** A header's first value as text; undefined where there is none. */
export function headerText({ headers }: InMessage, name: string): string | undefined {
  const value = headers[name];
  const [first] = Array.isArray(value)
    ? (value as readonly (Buffer | string)[])
    : [value as Buffer | string | undefined];
  return typeof first === 'string' ? first : first?.toString('utf8');
}

/** As `formatLogId` makes them; `parseLogId` would take as long as all the rest of reading a message. */
const OURS = /^[0-9A-HJKMNP-TV-Z]{32}$/;

/** The id that a message came with, where it is one of ours. */
export function idOf(message: InMessage): string | undefined {
  const id = headerText(message, LOG_ID);
  return id !== undefined && isOurs(id) ? id : undefined;
}

export function isOurs(id: string): boolean {
  return OURS.test(id);
}

const TEXTS = ['format', 'service', 'host', 'file', 'zone'] as const;
/** More than any agent writes; a context is held in memory for every batch. */
const MOST_CONTEXT = 64 << 10;

/** A context from elsewhere: only what belongs to one, of the right kind. Throws INPUT_DAMAGED for what is none at all. */
export function readContext(text: string): EventContext {
  if (text.length > MOST_CONTEXT) throw damaged('is longer than 64 KiB');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw damaged('is no JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw damaged('is no object');
  const members = given as { readonly [name: string]: unknown };
  const context: { -readonly [K in keyof EventContext]: EventContext[K] } = {};
  for (const name of TEXTS) {
    const value = Object.hasOwn(members, name) ? members[name] : undefined;
    if (typeof value === 'string') context[name] = value;
  }
  if (Number.isSafeInteger(members['truncated'])) context.truncated = members['truncated'] as number;
  const fields = Object.hasOwn(members, 'fields') ? members['fields'] : undefined;
  if (typeof fields === 'object' && fields !== null) {
    const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    if (texts.length > 0) context.fields = Object.fromEntries(texts);
  }
  return context;
}

function damaged(what: string): LogsError {
  return new LogsError('INPUT_DAMAGED', `its header ${LOG_CONTEXT} ${what}`);
}
