import { isUtf8 } from 'node:buffer';
import { parseEvent } from '../../../parse/parse-event.ts';
import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import { LEVELS } from '../../../record/level.ts';
import type { EventContext, LogRecord } from '../../../record/record.ts';
import { MARKED_ROLES } from '../segment/marks.ts';
import { promotedValue } from './promoted-value.ts';
import { recordWords } from './record-words.ts';
import { contextFlags, lineFlags } from './row-flags.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import { restOf } from './slow-rest.ts';
import type { ScannerExports } from './wasm.ts';

/** `SlowRow` of src/scanner/slow-row.ts: 64 bits of time, then 32 for each member. */
const ROW_BYTES = 40;
const PAIR_BYTES = 8;

/** Reads an event as `parseEvent` does. */
export function slowRecord(raw: Buffer, context: EventContext, receivedAt: bigint): LogRecord {
  return parseEvent(raw, context, receivedAt, '');
}

/** Hands a record to the scanner, for a row of it. */
export function writeSlowRow(
  wasm: Pick<ScannerExports, 'slowArea'>,
  memory: ScannerMemory,
  { record, raw, context, columns }: SlowEvent,
): void {
  const promoted = columns.map((key) => promotedValue(record.fields, key));
  const whole = isUtf8(raw);
  const rest = whole ? restOf(raw.toString('utf8'), record) : undefined;
  let flags = lineFlags(record, raw) | contextFlags(context);
  if (whole && rest === undefined) flags |= ROW_FLAGS.WHOLE;
  if (promoted.includes(null)) flags |= ROW_FLAGS.OPAQUE;
  const values = [...MARKED_ROLES.map((role) => record[role]), ...promoted.map((value) => value ?? undefined)];
  const words = recordWords(record);
  const texts = [words, record.message, rest, ...values];
  const head = ROW_BYTES + values.length * PAIR_BYTES;
  const room = texts.reduce((sum, text) => sum + (text === undefined ? 0 : Buffer.byteLength(text)), head);
  const at = wasm.slowArea(room);
  const { bytes } = memory;
  bytes.writeBigInt64LE(record.ts, at);
  bytes.writeInt32LE(LEVELS[record.level], at + 8);
  bytes.writeUInt32LE(flags, at + 12);
  let text = at + head;
  texts.forEach((value, number) => {
    // The first three are members of the row, 16 bytes into it; the pairs follow them.
    const pair = at + 16 + number * PAIR_BYTES;
    const length = value === undefined ? 0 : bytes.write(value, text, 'utf8');
    bytes.writeUInt32LE(value === undefined ? 0 : text, pair);
    bytes.writeUInt32LE(length, pair + 4);
    text += length;
  });
}

export interface SlowEvent {
  readonly record: LogRecord;
  readonly raw: Buffer;
  readonly context: EventContext;
  /** Promoted keys. */
  readonly columns: readonly string[];
}
