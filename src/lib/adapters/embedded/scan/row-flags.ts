import { isAscii } from 'node:buffer';
import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import type { EventContext, LogRecord } from '../../../record/record.ts';

const BACKSLASH = 0x5c;

/** The flags of a context's rows, whatever their bytes. */
export function contextFlags({ fields }: EventContext): number {
  return fields !== undefined && Object.keys(fields).length > 0 ? ROW_FLAGS.CONTEXT_FIELDS : 0;
}

/** What a row's bytes and its record say; not how they are stored. */
export function lineFlags(record: LogRecord, raw: Buffer): number {
  let flags = isAscii(raw) ? 0 : ROW_FLAGS.NON_ASCII;
  if (raw.includes(BACKSLASH)) {
    flags |= ROW_FLAGS.BACKSLASH;
    if (raw.includes('\\u') || raw.includes('\\U')) flags |= ROW_FLAGS.UNICODE_ESCAPE;
  }
  if (record.tsText === undefined) flags |= ROW_FLAGS.NO_TIME;
  if (record.format === 'json') flags |= ROW_FLAGS.JSON;
  return flags;
}
