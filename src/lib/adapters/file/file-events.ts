import { basename } from 'node:path';
import { agreedFormat } from '../../parse/agreed-format.ts';
import { parseEvent } from '../../parse/parse-event.ts';
import type { LineNeeds } from '../../query/line-needs.ts';
import { readBlocks } from '../../read/blocks.ts';
import { openContent } from '../../read/content.ts';
import { createJoiner } from '../../read/multiline.ts';
import type { ByteStream, LogSource } from '../../read/source.ts';
import { eachEvent } from '../../record/events.ts';
import type { EventContext, LogRecord } from '../../record/record.ts';

/** Where reading a source can be gone on with, as if it had not stopped. */
export interface ReadPlace {
  /** In the text of the source. */
  readonly position: number;
  /** Number of the line there, from 1. */
  readonly line: number;
  /** What the source as a whole is read as; absent where each line tells. */
  readonly format: string | undefined;
}

export interface FileBatch {
  /** Their `raw` is a view that keeps a whole block: copy that of a record that stays. */
  readonly records: readonly LogRecord[];
  /** Events that were not parsed, for they cannot match. */
  readonly passed: number;
  /** Behind the last of them. */
  readonly next: ReadPlace;
}

export interface ReadOptions {
  /** Nanoseconds since 1970: the time of events without one. */
  readonly receivedAt: bigint;
  /** Absent: from the start. */
  readonly from?: ReadPlace | undefined;
  /** What is looked for, where no other events are wanted. */
  readonly needs?: LineNeeds | undefined;
  /** Bytes of a batch, roughly. */
  readonly blockSize: number;
}

/**
 * The events of a source as records, in the order they stand in it, a block at a time: the same events, read the same
 * way, as `ship` would send. The `log_id` of an event is `<name>:<its line>`. Ends soon, without an error, when the
 * signal is aborted.
 */
export async function* fileEvents(
  source: LogSource,
  signal: AbortSignal,
  { receivedAt, from, needs, blockSize }: ReadOptions,
): AsyncGenerator<FileBatch> {
  const { text, format, mark } = await openText(source, signal, from);
  const context: EventContext = {
    ...(format === undefined ? {} : { format }),
    ...(source.name === '-' ? {} : { file: source.name }),
  };
  const label = source.name === '-' ? '-' : basename(source.name);
  const start = from?.position ?? 0;
  let line = from?.line ?? 1;
  const blocks = readBlocks(
    pieces(text, blockSize),
    {
      joiner: createJoiner('auto'),
      everyLine: false,
      blockSize,
      start,
      mark,
      live: source.identity === undefined,
      isWhole: () => !signal.aborted,
    },
    { nulBytes: 0 },
  );
  for await (const block of blocks) {
    const records: LogRecord[] = [];
    const own = block.truncated === undefined ? context : { ...context, truncated: block.truncated };
    const first = line;
    const mayMatch = needs?.within(block.bytes, own);
    let passed = 0;
    eachEvent(block.bytes, block.joins, (at, end, index) => {
      if (mayMatch?.(at, end) === false) passed++;
      else records.push(parseEvent(block.bytes.subarray(at, end), own, receivedAt, `${label}:${first + index}`));
    });
    line += block.lines;
    yield { records, passed, next: { position: block.to, line, format } };
  }
}

/** The text from a place on; what was looked at to find how to read it is let go. */
async function openText(source: LogSource, signal: AbortSignal, from: ReadPlace | undefined) {
  const content = await openContent(source, undefined, signal);
  const start = from?.position ?? 0;
  const agreed = from !== undefined || source.identity === undefined ? from?.format : agreedFormat(content.head);
  return { text: content.read(start), format: agreed, mark: start === 0 ? content.mark : 0 };
}

/** The same bytes, no more than `size` at once: a block is at least as large as what it was cut from. */
async function* pieces(stream: ByteStream, size: number): ByteStream {
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}
