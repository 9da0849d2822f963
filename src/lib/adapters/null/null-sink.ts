import type { LogSink } from '../../send/sink.ts';

/** Takes everything and keeps nothing: for measuring what comes before it. */
export function nullSink(): LogSink {
  return {
    send: async (batch) => ({ accepted: batch.events, rejected: [] }),
    marks: async () => new Map(),
    close: async () => undefined,
  };
}
