import { eachEvent } from '../record/events.ts';
import { parseEvent } from '../parse/parse-event.ts';
import type { EventBatch } from '../record/batch.ts';
import { toWireJson } from '../record/wire-json.ts';

/**
 * The events of a batch as NDJSON, each read as the store would read it. They have no `log_id`: one is minted only
 * where an event is kept for good.
 */
export function ndjsonOf(batch: EventBatch): string {
  const receivedAt = BigInt(Date.now()) * 1_000_000n;
  let out = '';
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const record = parseEvent(batch.bytes.subarray(start, end), batch.context, receivedAt, '');
    out += `${toWireJson(record).replace('"log_id":"",', '')}\n`;
  });
  return out;
}
