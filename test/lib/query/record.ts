import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { EventContext, LogRecord } from '../../../src/lib/record/record.ts';

export const CLOCK = { now: 1_661_146_200_000_000_000n, zone: 'UTC' };

/** A record as the toolkit reads it from a line, or from an object as a JSON line. */
export function event(line: string | object | Buffer, context: EventContext = {}): LogRecord {
  const raw = Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
  return parseEvent(raw, context, CLOCK.now, 'id-1');
}
