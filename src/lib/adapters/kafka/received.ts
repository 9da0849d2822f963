import type { KafkaMessage } from 'kafkajs';
import type { InMessage } from './kafka-transport.ts';
import { standInReason } from './stand-in.ts';

/** A message of kafkajs. */
export function received({ offset, timestamp, key, value, headers }: KafkaMessage): InMessage {
  const damaged = standInReason(key);
  const message = { offset: Number(offset), timestamp: Number(timestamp), key, value, headers: headers ?? {} };
  return damaged === undefined ? message : { ...message, key: null, value: null, damaged };
}
