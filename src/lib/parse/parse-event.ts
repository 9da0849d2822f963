import { isUtf8 } from 'node:buffer';
import { aliasOf } from '../record/aliases.ts';
import { type Level, parseLevel } from '../record/level.ts';
import type { EventContext, LogRecord } from '../record/record.ts';
import { detectLine, PARSERS } from './detect.ts';
import { type Draft, isFailure, newDraft, type ParseContext, type ParseFailure, setField } from './draft.ts';
import { isFormat } from './formats.ts';
import { limitFields } from './limits.ts';
import { settleLevel, settleText, settleTime } from './settle.ts';

/**
 * The record that the bytes of one event are read as. Pure and deterministic: the same arguments always give the same
 * record. Never throws; what cannot be read is kept whole as the message, level UNKNOWN, with the reason in
 * `_parse_error`.
 * `raw`: the bytes received, without the LF that ended them. `receivedAt`: nanoseconds since 1970.
 */
export function parseEvent(raw: Uint8Array, context: EventContext, receivedAt: bigint, logId: string): LogRecord {
  const text = decode(raw);
  const parsing = parseContext(receivedAt, context.zone, 0);
  const draft = readLine(text, context.format, parsing);
  const limited = limitFields(draft.fields);
  const settled: Draft = limited === draft.fields ? draft : { ...draft, fields: limited };
  const fields = settled.fields;
  const time = settleTime(settled, parsing);
  let message = settleText(settled, 'message');
  let level: Level = draft.failure === undefined ? settleLevel(settled, message) : 'UNKNOWN';
  let service = settleText(settled, 'service') ?? context.service;
  let host = settleText(settled, 'host') ?? context.host;
  let trace = settleText(settled, 'trace_id');
  let span = settleText(settled, 'span_id');
  if (draft.failure !== undefined) fields['_parse_error'] = draft.failure;
  if (text.includes('\ufffd') && !isUtf8(raw)) fields['_invalid_utf8'] = true;
  if (context.file !== undefined && !Object.hasOwn(fields, 'file')) fields['file'] = context.file;
  if (context.truncated !== undefined) {
    fields['truncated'] = true;
    fields['original_length'] = context.truncated;
  }
  if (context.fields !== undefined) {
    for (const key of Object.keys(context.fields)) {
      const value = context.fields[key] as string;
      const role = aliasOf(key)?.role;
      if (role === 'service') service = value;
      else if (role === 'host') host = value;
      else if (role === 'message') message = value;
      else if (role === 'trace_id') trace = value;
      else if (role === 'span_id') span = value;
      else if (role === 'level') level = parseLevel(value, key);
      else setField(fields, key, value);
    }
  }
  return {
    raw,
    ts: time.ts,
    tsText: time.tsText,
    receivedAt,
    level,
    service,
    message,
    host,
    trace_id: trace,
    span_id: span,
    log_id: logId,
    fields,
    format: settled.format,
  };
}

/** Lines inside lines (a container's log of a container's log) beyond this many are text. */
const MAX_INNER = 4;

function parseContext(receivedAt: bigint, zone: string | undefined, depth: number): ParseContext {
  const inner = (line: string): Draft =>
    readLine(line, depth < MAX_INNER ? undefined : 'plain', parseContext(receivedAt, zone, depth + 1));
  return { receivedAt, zone, inner };
}

function decode(raw: Uint8Array): string {
  const bytes = Buffer.isBuffer(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let text = bytes.toString('utf8');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  return text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text;
}

function readLine(text: string, format: string | undefined, context: ParseContext): Draft {
  const name = format !== undefined && isFormat(format) ? format : detectLine(text);
  const result = PARSERS[name](text, context);
  return isFailure(result) ? keepWhole(text, name, result) : result;
}

function keepWhole(text: string, format: Draft['format'], failure: ParseFailure): Draft {
  const draft = newDraft(format);
  draft.claims.message.push({ key: 'message', value: text, rank: 0 });
  const at = failure.column === undefined ? '' : ` at column ${failure.column}`;
  draft.failure = failure.error === 'depth' ? 'depth' : `${failure.error}${at}`;
  return draft;
}
