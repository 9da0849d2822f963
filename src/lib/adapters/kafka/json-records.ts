import { parseEvent } from '../../parse/parse-event.ts';
import { toWireJson } from '../../record/wire-json.ts';
import type { Encoder } from './encode-batch.ts';
import { JSON_TYPE } from './message-headers.ts';

/** Each event as the JSON of its record. */
export const JSON_RECORDS: Encoder = {
  contentType: JSON_TYPE,
  encode: (event, { context }, id, receivedMs) =>
    Buffer.from(toWireJson(parseEvent(event, context, BigInt(receivedMs) * 1_000_000n, id))),
};
