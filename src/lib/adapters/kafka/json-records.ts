import { toWireJson } from '../../record/wire-json.ts';
import { formatTime } from '../../record/time.ts';
import type { Encoder } from './encode-batch.ts';
import { JSON_TYPE } from './message-headers.ts';

/**
 * Each event as the JSON of its record, without the id and the time of receipt: the message has both, and who reads the
 * line as an event would take them for fields of the sender.
 */
export const JSON_RECORDS: Encoder = {
  contentType: JSON_TYPE,
  ofRecord: (record) =>
    Buffer.from(
      toWireJson(record).replace(`,"log_id":"${record.log_id}","received_at":"${formatTime(record.receivedAt)}"`, ''),
    ),
};
