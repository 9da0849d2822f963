import type { LogSink } from '../../send/sink.ts';
import type { LogWriter } from '../../store/store.ts';

/**
 * A store's writer as a sink. Once a batch of a source has failed, the source is at fault until the sink is closed:
 * nothing behind the gap is taken, and no hash is kept with it. The hash that `close` is given is over all that was
 * sent; beside the position of what was stored it would make the source look rewritten, and be sent again whole.
 */
export function storeSink(writer: LogWriter & { readonly unparsed: number }): LogSink {
  const failures = new Map<string, unknown>();
  return {
    async send(batch) {
      const id = batch.source?.id;
      if (id !== undefined && failures.has(id)) throw failures.get(id);
      try {
        await writer.append(batch);
      } catch (error) {
        if (id !== undefined && !failures.has(id)) failures.set(id, error);
        throw error;
      }
      return { accepted: batch.events, rejected: [] };
    },
    unparsed: () => writer.unparsed,
    marks: () => writer.marks(),
    close: ({ hashes = new Map<string, string>() } = {}) =>
      writer.close({ hashes: new Map([...hashes].filter(([id]) => !failures.has(id))) }),
  };
}
