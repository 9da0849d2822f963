import { basename } from 'node:path';
import { agreedFormat } from '../../parse/agreed-format.ts';
import { parseEvent } from '../../parse/parse-event.ts';
import { readBlocks } from '../../read/blocks.ts';
import { openContent } from '../../read/content.ts';
import { createJoiner } from '../../read/multiline.ts';
import type { LogSource } from '../../read/source.ts';
import { eachEvent } from '../../record/events.ts';
import type { EventContext, LogRecord } from '../../record/record.ts';

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
    const first = line;
    eachEvent(block.bytes, block.joins, (start, end, at) => {
      const raw = Buffer.from(block.bytes.subarray(start, end));
      records.push(parseEvent(raw, own, receivedAt, `${label}:${first + at}`));
    });
    line += block.lines;
    yield records;
  }
}
