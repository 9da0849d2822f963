import { basename } from 'node:path';
import type { EventContext, LogRecord } from '../../record/record.ts';
import { parseEvent } from '../../parse/parse-event.ts';
import { EventCutter, type EventBlock } from '../../read/event-cutter.ts';
import { readHead } from '../../read/byte-stream.ts';
import { decode, encodingOf } from '../../read/decode.ts';
import { gunzip, isGzip } from '../../read/gunzip.ts';
import { createJoiner } from '../../read/multiline.ts';
import type { ByteStream, LogSource } from '../../read/source.ts';

const BLOCK = 1 << 18;
/** The longest event that is read whole: the same as what ship keeps. */
const MAX_LINE = 16 << 20;
const LF = 0x0a;
/** Enough to tell gzip and a byte order mark. */
const HEAD = 4;

/**
 * The events of a source as records, in the order they stand in it, a block at a time. Stack traces are joined to the
 * line before them; bytes are copied, so that a record kept does not keep its block. The `log_id` of an event is
 * `<name>:<its line>`. Ends soon, without an error, when the signal is aborted.
 */
export async function* fileEvents(source: LogSource, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
  const context: EventContext = source.name === '-' ? {} : { file: source.name };
  const label = source.name === '-' ? '-' : basename(source.name);
  const receivedAt = BigInt(Date.now()) * 1_000_000n;
  let blocks: EventBlock[] = [];
  const cutter = new EventCutter({
    joiner: createJoiner('auto'),
    maxLine: MAX_LINE,
    blockSize: BLOCK,
    start: 0,
    emit: (block) => {
      blocks.push(block);
    },
  });
  let line = 1;
  const taken = function* (): Generator<readonly LogRecord[]> {
    const ready = blocks;
    blocks = [];
    for (const block of ready) {
      const records: LogRecord[] = [];
      const own = block.truncated === undefined ? context : { ...context, truncated: block.truncated };
      for (const event of eventsOf(block)) {
        const raw = Buffer.from(block.bytes.subarray(event.start, event.end));
        records.push(parseEvent(raw, own, receivedAt, `${label}:${line + event.line}`));
      }
      line += block.lines;
      yield records;
    }
  };
  for await (const chunk of await plainBytes(source, signal)) {
    cutter.push(chunk);
    yield* taken();
  }
  if (signal.aborted) return;
  cutter.end({ whole: true });
  yield* taken();
}

/** What a source holds as UTF-8 without compression; told by its first bytes, whatever its name is. */
async function plainBytes(source: LogSource, signal: AbortSignal): Promise<ByteStream> {
  const received = await readHead(source.read(signal), HEAD);
  const inflated = isGzip(received.head) ? await readHead(gunzip(received.all, source.name), HEAD) : received;
  return decode(inflated.all, encodingOf(inflated.head).encoding);
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
