import { toWireJson } from '../../record/wire-json.ts';
import { formatTime } from '../../record/time.ts';
import type { Encoder } from './encode-batch.ts';
import { JSON_TYPE } from './message-headers.ts';

/**
 * Each event as the JSON of its record, without the id and the time of receipt, which the message has, and without a
 * level that is not known: who reads the line as an event would take them for fields of the sender.
 */
export const JSON_RECORDS: Encoder = {
  contentType: JSON_TYPE,
  ofRecord(record) {
    const stamped = `,"log_id":"${record.log_id}","received_at":"${formatTime(record.receivedAt)}"`;
    const line = toWireJson(record).replace(stamped, '');
    return Buffer.from(record.level === 'UNKNOWN' ? line.replace(',"level":"UNKNOWN"', '') : line);
  },
};
