import { randomBytes } from 'node:crypto';
import type { SizedBatch } from '../record/batch.ts';
import { formatLogId } from '../record/log-id.ts';

/** Gives events ids that have none, so that a batch sent twice is the same events both times. */
export function createMint(): (batch: SizedBatch) => SizedBatch {
  const writer = randomBytes(6).toString('hex');
  let seq = 0;
  return (batch) => {
    if (batch.ids !== undefined) return batch;
    seq += 1;
    const at = Date.now();
    return { ...batch, ids: Array.from({ length: batch.events }, (_, line) => formatLogId(at, writer, seq, line)) };
  };
}
