import { LogsError } from '../errors.ts';
import type { BatchQueue } from '../send/batch-queue.ts';
import { queuedSink } from '../send/queued-sink.ts';
import type { LogSink } from '../send/sink.ts';

export interface DrainOptions {
  readonly name: string;
  readonly queue: BatchQueue;
  /** Its `send` resolves when each event is accepted or in the dead letters. Closed at the end. */
  readonly delivered: LogSink;
}

/** Events. */
export interface Drained {
  readonly sent: number;
  /** In the dead letters now. */
  readonly refused: number;
  /** Still in the queue. */
  readonly left: number;
  /** What ended it before its time. */
  readonly failed?: LogsError;
}

/** Sends what waits in a queue until it is empty or the signal is aborted, and closes both. */
export async function drain({ name, queue, delivered }: DrainOptions, stop: AbortSignal): Promise<Drained> {
  let sent = 0;
  let refused = 0;
  const counted: LogSink = {
    async send(batch, signal) {
      const delivery = await delivered.send(batch, signal);
      sent += delivery.accepted;
      refused += delivery.rejected.length;
      return delivery;
    },
    marks: () => delivered.marks(),
    close: () => delivered.close(),
  };
  let failed: LogsError | undefined;
  try {
    await queuedSink(queue, counted, { name, stop, graceMs: 0, tell: () => undefined }).close();
  } catch (error) {
    if (!(error instanceof LogsError)) throw error;
    if (error.code !== 'UNDELIVERED') failed = error;
  }
  return { sent, refused, left: queue.depth().events, ...(failed === undefined ? {} : { failed }) };
}
