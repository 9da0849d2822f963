import type { EventBatch } from '../record/batch.ts';
import { eachEvent } from '../record/events.ts';
import type { LogRecord } from '../record/record.ts';
import { detectLine } from './detect.ts';
import { isFormat } from './formats.ts';
import { parseEvent } from './parse-event.ts';

const BRACE = 0x7b;
/** Deeper ones are left to the real parser, which has a limit. */
const SHALLOW = 64;

/** Whether an event was kept whole because it could not be parsed. */
export function isUnparsed(record: LogRecord): boolean {
  return Object.hasOwn(record.fields, '_parse_error');
}

/**
 * How many events of a batch are unparsed: the same as asking `parseEvent` for each, but most are settled for
 * less. What V8 reads as an object of JSON is one; text in no format cannot fail.
 */
export function countUnparsed(batch: Pick<EventBatch, 'bytes' | 'joins' | 'context'>): number {
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  const forced = batch.context.format;
  const json = forced === undefined || forced === 'json';
  let count = 0;
  eachEvent(bytes, batch.joins, (start, end) => {
    if (json && bytes[start] === BRACE && readsAsJson(bytes.toString('latin1', start, end))) return;
    if (forced === undefined || !isFormat(forced)) {
      if (detectLine(bytes.toString('utf8', start, end)) === 'plain') return;
    } else if (forced === 'plain') return;
    if (isUnparsed(parseEvent(bytes.subarray(start, end), batch.context, 0n, ''))) count += 1;
  });
  return count;
}

function readsAsJson(text: string): boolean {
  try {
    return isShallow(JSON.parse(text), SHALLOW);
  } catch {
    return false;
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const key in value) if (!isShallow((value as Record<string, unknown>)[key], levels - 1)) return false;
  return true;
}
