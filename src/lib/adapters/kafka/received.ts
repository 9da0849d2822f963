import type { KafkaMessage } from 'kafkajs';
import type { Part } from './batch-messages.ts';
import type { BatchMessage } from './fetch-response.ts';
import { standInReason } from './stand-in.ts';

/** A message of kafkajs, or the batch that stands in the place of some. */
export function received(from: KafkaMessage | BatchMessage): Part {
  if ('batch' in from) return from.batch;
  const { offset, timestamp, key, value, headers } = from;
  const damaged = standInReason(key);
  const message = { offset: Number(offset), timestamp: Number(timestamp), key, value, headers: headers ?? {} };
  return damaged === undefined ? message : { ...message, key: null, value: null, damaged };
}
