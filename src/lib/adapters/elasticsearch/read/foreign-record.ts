import { draftOf, isFields } from '../../../parse/json.ts';
import { settleLevel, settleText, settleTime } from '../../../parse/settle.ts';
import type { Fields, LogRecord } from '../../../record/record.ts';
import { DAY_NS, parseTime } from '../../../record/time.ts';

/** JSON inside a message stays text: the index does not know what is in it either. */
const NOT_OPENED = Number.MAX_SAFE_INTEGER;

/**
 * The record that a document which is not ours is read as: by the names that senders use (ECS and the other aliases).
 * `raw` is the document as it stands in the index; the id is the document's, where it has no `log_id`.
 */
export function foreignRecord(source: Fields, text: string, id: string): LogRecord {
  const draft = draftOf(source, NOT_OPENED);
  const received = receivedAt(source);
  const now = BigInt(Date.now()) * 1_000_000n;
  // Times ahead of the clock are taken as they are: when the document arrived is not known.
  const time = settleTime(draft, { receivedAt: 2n ** 63n - DAY_NS, zone: undefined, inner: () => draft });
  const level = settleLevel(draft, undefined);
  const logId = source['log_id'];
  return {
    raw: Buffer.from(text),
    ts: time.tsText === undefined ? (received ?? now) : time.ts,
    tsText: time.tsText,
    receivedAt: received ?? (time.tsText === undefined ? now : time.ts),
    level,
    service: settleText(draft, 'service'),
    message: settleText(draft, 'message'),
    host: settleText(draft, 'host'),
    trace_id: settleText(draft, 'trace_id'),
    span_id: settleText(draft, 'span_id'),
    log_id: typeof logId === 'string' ? logId : id,
    fields: draft.fields,
    format: 'json',
  };
}

function receivedAt(source: Fields): bigint | undefined {
  const event = source['event'];
  const found = source['received_at'] ?? (isFields(event) ? event['ingested'] : undefined) ?? source['event.ingested'];
  return typeof found === 'string' ? parseTime(found)?.ns : undefined;
}
