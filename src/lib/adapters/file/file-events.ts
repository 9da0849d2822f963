import { basename } from 'node:path';
import { agreedFormat } from '../../parse/agreed-format.ts';
import { parseEvent } from '../../parse/parse-event.ts';
import { readBlocks } from '../../read/blocks.ts';
import { openContent } from '../../read/content.ts';
import type { EventBlock } from '../../read/event-cutter.ts';
import { createJoiner } from '../../read/multiline.ts';
import type { LogSource } from '../../read/source.ts';
import type { EventContext, LogRecord } from '../../record/record.ts';

const LF = 0x0a;

/**
 * The events of a source as records, in the order they stand in it, a block at a time: the same events, read the same
 * way, as `ship` would send. Bytes are copied, so that a record kept does not keep its block. The `log_id` of an event
 * is `<name>:<its line>`. Ends soon, without an error, when the signal is aborted.
 */
export async function* fileEvents(source: LogSource, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
  const content = await openContent(source, undefined, signal);
  const format = source.identity === undefined ? undefined : agreedFormat(content.head);
  const context: EventContext = {
    ...(format === undefined ? {} : { format }),
    ...(source.name === '-' ? {} : { file: source.name }),
  };
  const label = source.name === '-' ? '-' : basename(source.name);
  const receivedAt = BigInt(Date.now()) * 1_000_000n;
  let line = 1;
  const blocks = readBlocks(
    content.read(0),
    {
      joiner: createJoiner('auto'),
      everyLine: false,
      start: 0,
      mark: content.mark,
      live: source.identity === undefined,
      isWhole: () => !signal.aborted,
    },
    { nulBytes: 0 },
  );
  for await (const block of blocks) {
    const records: LogRecord[] = [];
    const own = block.truncated === undefined ? context : { ...context, truncated: block.truncated };
    for (const event of eventsOf(block)) {
      const raw = Buffer.from(block.bytes.subarray(event.start, event.end));
      records.push(parseEvent(raw, own, receivedAt, `${label}:${line + event.line}`));
    }
    line += block.lines;
    yield records;
  }
}

/** Where each event of a block lies: `end` excludes its last LF, `line` counts from 0; empty ones are no events. */
function* eventsOf(block: Pick<EventBlock, 'bytes' | 'lines' | 'joins'>): Generator<{
  readonly start: number;
  readonly end: number;
  readonly line: number;
}> {
  let at = 0;
  let line = 0;
  for (let group = 0; line < block.lines; group++) {
    const start = at;
    const lines = block.joins?.[group] ?? 1;
    for (let count = 0; count < lines; count++) {
      const end = block.bytes.indexOf(LF, at);
      at = end === -1 ? block.bytes.length : end + 1;
    }
    const end = at > start && block.bytes[at - 1] === LF ? at - 1 : at;
    if (end > start) yield { start, end, line };
    line += lines;
  }
}
