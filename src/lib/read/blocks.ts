import { BufferPool } from './buffer-pool.ts';
import { bufferSizeOf, EventCutter, type EventBlock, type LineJoiner } from './event-cutter.ts';
import { DamagedBehindEnd } from './gunzip.ts';
import { withIdle } from './idle.ts';
import { NulRuns } from './nul-runs.ts';
import type { ByteWatch } from './prefix-hash.ts';
import type { ByteStream } from './source.ts';

/** Longest event kept whole, bytes. */
const MAX_LINE = 1024 * 1024;
/** A block is given at this size, or when its oldest byte is this old where the source is a stream. */
const BLOCK_SIZE = 1024 * 1024;
const BLOCK_AGE_MS = 200;
/** As many as may be on their way to the disk. */
const SPARE_BUFFERS = 8;

/** Buffers for blocks of the usual size. */
export function newBuffers(): BufferPool {
  return new BufferPool(bufferSizeOf(BLOCK_SIZE), SPARE_BUFFERS);
}

export interface BlockOptions {
  readonly joiner: LineJoiner | undefined;
  /** See `CutterOptions`. */
  readonly everyLine: boolean;
  /** Bytes at which a block is given. Absent: 1 MiB. */
  readonly blockSize?: number;
  /** See `CutterOptions`. */
  readonly buffers?: BufferPool;
  /** Position of the first byte of the stream, and how many bytes there are a byte order mark to leave out. */
  readonly start: number;
  readonly mark: number;
  /** The source may pause: what has come is given after 200 ms, a last event without continuation too. */
  readonly live: boolean;
  /** Asked at the end of the stream, whatever ended it: whether a last line without LF is an event. */
  readonly isWhole: () => boolean;
  /** Sees every byte as it comes, before the block it is in. */
  readonly watch?: ByteWatch;
}

/** What was found on the way; final when the blocks have ended. */
export interface BlockReport {
  /** NUL bytes left out. */
  nulBytes: number;
}

/**
 * Blocks of whole events from a stream of bytes. When the stream fails, what came before it is given first, without
 * the line that is not whole, unless the failure is behind the end of the content.
 */
export async function* readBlocks(
  stream: ByteStream,
  options: BlockOptions,
  report: BlockReport,
): AsyncGenerator<EventBlock> {
  let ready: EventBlock[] = [];
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };
  const cutter = new EventCutter({
    joiner: options.joiner,
    everyLine: options.everyLine,
    maxLine: MAX_LINE,
    blockSize: options.blockSize ?? BLOCK_SIZE,
    start: options.start,
    ...(options.buffers === undefined ? {} : { buffers: options.buffers }),
    emit: (block) => ready.push(block),
  });
  const nuls = new NulRuns(cutter);
  let mark = options.mark;
  if (mark > 0) cutter.skip(mark);
  let failure: { readonly error: unknown } | undefined;
  const chunks = options.live ? withIdle(stream, BLOCK_AGE_MS) : stream;
  try {
    for await (const chunk of chunks) {
      if (typeof chunk === 'string') cutter.flush({ last: chunk === 'idle' });
      else {
        options.watch?.push(chunk);
        const skipped = Math.min(mark, chunk.length);
        mark -= skipped;
        nuls.push(skipped === 0 ? chunk : chunk.subarray(skipped));
      }
      // Not yield*, which makes an asynchronous generator much more for V8 to optimize.
      for (const block of take()) yield block;
      options.watch?.settle(cutter.settled);
    }
  } catch (error) {
    failure = { error };
  }
  nuls.end();
  report.nulBytes += nuls.skipped;
  const ended = failure === undefined || failure.error instanceof DamagedBehindEnd;
  cutter.end({ whole: ended && options.isWhole() });
  for (const block of take()) yield block;
  if (failure !== undefined) throw failure.error;
}
