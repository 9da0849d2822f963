import type { SizedBatch, SourceMark } from '../record/batch.ts';
import { eachEvent } from '../record/events.ts';
import { selectEvents } from '../send/select-events.ts';
import type { LogSink } from '../send/sink.ts';

/**
 * A sink that is not sent again what it had before this run: beside others that have less of a source, reading begins
 * where the last of them is. What each event's place in its source is, `withOffsets` has said.
 */
export function skipKnown(sink: LogSink): LogSink {
  let known: Promise<ReadonlyMap<string, SourceMark>> | undefined;
  return {
    async send(batch, signal) {
      if (batch.source === undefined) return sink.send(batch, signal);
      known ??= sink.marks();
      const part = beyond(batch, (await known).get(batch.source.id)?.position ?? 0);
      if (part === undefined) return { accepted: batch.events, rejected: [] };
      const had = batch.events - part.events;
      const { accepted, rejected } = await sink.send(part, signal);
      return {
        accepted: accepted + had,
        rejected: rejected.map(({ event, reason }) => ({ event: event + had, reason })),
      };
    },
    marks: () => sink.marks(),
    flush: () => sink.flush?.(),
    close: () => sink.close(),
    ...(sink.unparsed === undefined ? {} : { unparsed: () => sink.unparsed?.() ?? 0 }),
  };
}

/** The events of a batch that are behind a position of its source; undefined where none is. */
function beyond(batch: SizedBatch, position: number): SizedBatch | undefined {
  const { source } = batch;
  if (source === undefined || position <= source.from) return batch;
  if (position >= source.to) return undefined;
  const starts = positionsOf(batch);
  // Bytes that were converted or left out on the way cannot be counted: some events may then be sent twice.
  if (starts === undefined) return batch;
  const events = starts.flatMap((start, event) => (start >= position ? [event] : []));
  return { ...selectEvents(batch, events), source: { ...source, from: position } };
}

/** Where in its source each event begins; undefined where that is not known. */
function positionsOf({ origin, events }: SizedBatch): number[] | undefined {
  if (origin === undefined) return undefined;
  const offsets = Array.from({ length: events }, (_, event) => Number(origin(event)['offset']));
  return offsets.every(Number.isSafeInteger) ? offsets : undefined;
}

/** A batch whose events say where in their source they begin, where its bytes are just those of the source. */
export function withOffsets(batch: SizedBatch): SizedBatch {
  const { bytes, joins, origin, source } = batch;
  if (origin !== undefined || source === undefined || bytes.length !== source.to - source.from) return batch;
  const offsets: number[] = [];
  eachEvent(bytes, joins, (start) => offsets.push(source.from + start));
  return { ...batch, origin: (event) => ({ offset: String(offsets[event]) }) };
}
