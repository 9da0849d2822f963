import type { EventBatch } from '../../record/batch.ts';
import type { LogSink } from '../../send/sink.ts';

/** NDJSON on standard output, at the pace of its reader. `write` waits until the data may be followed by more. */
export function stdoutSink(encode: (batch: EventBatch) => string, write: (data: string) => Promise<void>): LogSink {
  let last = Promise.resolve();
  return {
    send(batch) {
      const written = last.then(() => write(encode(batch)));
      last = written.catch(() => undefined);
      return written.then(() => ({ accepted: batch.events, rejected: [] }));
    },
    marks: async () => new Map(),
    close: () => last,
  };
}
