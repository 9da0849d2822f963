import type { LogSink } from '../../../send/sink.ts';
import type { LogWriter } from '../../../store/store.ts';

/** A store's writer as a sink. */
export function storeSink(writer: LogWriter): LogSink {
  return {
    async send(batch) {
      await writer.append(batch);
      return { accepted: batch.events, rejected: [] };
    },
    leavesBytes: true,
    unparsed: () => writer.unparsed,
    marks: () => writer.marks(),
    close: () => writer.close(),
  };
}
