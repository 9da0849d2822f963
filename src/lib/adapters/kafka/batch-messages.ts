import type { InMessage } from './kafka-transport.ts';
import { type Inflated, inflated, type RecordBatch } from './record-batch.ts';
import { RecordWalk } from './record-walk.ts';

/** More messages than a record batch of the largest usual size can have. */
const MOST = 1 << 20;

/** What was fetched of a partition: batches, and single messages from brokers that are too old for them. */
export type Part = InMessage | RecordBatch;

/** All messages at `from` and behind it. */
export async function messagesOf(parts: readonly Part[], from: number): Promise<InMessage[]> {
  const messages: InMessage[] = [];
  for (const part of parts) {
    if (!('records' in part)) messages.push(part);
    else for (const message of ofBatch(part, await inflated(part))) messages.push(message);
  }
  return messages.filter(({ offset }) => offset >= from);
}

function* ofBatch(batch: RecordBatch, bytes: Inflated): Generator<InMessage> {
  if (!Buffer.isBuffer(bytes)) {
    yield* damagedMessages(batch, 0, bytes.damaged);
    return;
  }
  const walk = new RecordWalk(batch, bytes);
  for (let read = 0; read < batch.count; read += 1) {
    if (!walk.next()) {
      yield* damagedMessages(batch, read, CUT_SHORT);
      return;
    }
    yield walk.message();
  }
}

export const CUT_SHORT = 'its record batch ends before its last record';

/** Messages in the place of those of a batch that cannot be read, behind the first `read` of them. */
export function* damagedMessages(
  { base, last, count, firstTime, appended }: RecordBatch,
  read: number,
  damaged: string,
): Generator<InMessage> {
  const end = Math.min(count, last - base + 1, MOST);
  for (let each = read; each < end; each += 1) {
    yield { offset: base + each, timestamp: appended ?? firstTime, key: null, value: null, headers: {}, damaged };
  }
}
