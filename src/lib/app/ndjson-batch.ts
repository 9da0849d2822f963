import { eachEvent } from '../record/events.ts';
import { parseEvent } from '../parse/parse-event.ts';
import type { EventBatch } from '../record/batch.ts';
import { parseLogId } from '../record/log-id.ts';
import { toWireJson } from '../record/wire-json.ts';

/**
 * The events of a batch as NDJSON, each read as the store would read it. They have no `log_id` unless they came with
 * one: it is minted only where an event is kept for good.
 */
export function ndjsonOf(batch: EventBatch): string {
  const now = Date.now();
  let out = '';
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const id = batch.ids?.[event];
    event += 1;
    const receivedAt = BigInt((id === undefined ? undefined : parseLogId(id)?.receivedMs) ?? now) * 1_000_000n;
    const record = parseEvent(batch.bytes.subarray(start, end), batch.context, receivedAt, id ?? '');
    const json = toWireJson(record);
    out += `${id === undefined ? json.replace('"log_id":"",', '') : json}\n`;
  });
  return out;
}
