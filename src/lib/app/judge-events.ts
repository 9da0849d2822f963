import { parseEvent } from '../parse/parse-event.ts';
import { eachEvent } from '../record/events.ts';
import type { LogRecord } from '../record/record.ts';
import type { LogSource } from '../read/source.ts';
import type { EventFlow, Judgement } from './event-flow.ts';
import { batchesOf, type ReadOptions } from './ship-source.ts';

/** An event as it was read, and where a pipeline sends it. */
export interface JudgedEvent {
  /** Its first line in the source, from 1. */
  readonly line: number;
  readonly record: LogRecord;
  readonly judgement: Judgement;
}

/** Reads the events of a source as `ship` does, and says of each where it would go. Closes the source. */
export async function* judgeEvents(
  source: LogSource,
  options: { readonly read: ReadOptions; readonly flow: EventFlow },
  signal: AbortSignal,
): AsyncGenerator<JudgedEvent> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const tally = { blank: 0, truncated: 0, nulBytes: 0 };
  try {
    let line = 1;
    const { read, flow } = options;
    for await (const batch of batchesOf(source, { read, marks: undefined, again: true, tally, signal: either })) {
      const judged: JudgedEvent[] = [];
      const receivedAt = BigInt(Date.now()) * 1_000_000n;
      eachEvent(batch.bytes, batch.joins, (start, end, at) => {
        const record = parseEvent(batch.bytes.subarray(start, end), batch.context, receivedAt, '');
        judged.push({ line: line + at, record, judgement: flow.judge(record) });
      });
      yield* judged;
      line += batch.lines;
    }
  } finally {
    stop.abort();
    await source.close();
  }
}

/** A text as a source. */
export function textSource(name: string, text: string): LogSource {
  return {
    name,
    identity: undefined,
    size: undefined,
    async *read() {
      yield Buffer.from(text);
    },
    close: async () => undefined,
  };
}
