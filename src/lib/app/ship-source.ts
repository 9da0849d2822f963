import { createHash, type Hash } from 'node:crypto';
import { agreedFormat } from '../parse/agreed-format.ts';
import type { SourceMark } from '../record/batch.ts';
import type { EventContext } from '../record/record.ts';
import { type BlockReport, readBlocks } from '../read/blocks.ts';
import { type Content, openContent } from '../read/content.ts';
import type { Encoding } from '../read/decode.ts';
import type { EventBlock } from '../read/event-cutter.ts';
import { createJoiner } from '../read/multiline.ts';
import { candidatesFor, findResumption, freshId, HEAD_BYTES } from '../read/source-id.ts';
import type { ByteStream, LogSource } from '../read/source.ts';
import { LogsError } from '../errors.ts';
import type { SizedBatch } from '../send/sink.ts';

/** How the events of every source are read. */
export interface ReadOptions {
  readonly encoding: Encoding | undefined;
  readonly multiline: 'auto' | 'none' | { test(line: string): boolean };
  /** Without `format`, one that the first lines of a file agree on is used for it. */
  readonly context: EventContext;
}

/** What sources were found to hold. */
export interface Tally extends BlockReport {
  blank: number;
  truncated: number;
}

export interface BatchOptions {
  readonly read: ReadOptions;
  /** How far sources were shipped; undefined where the sink keeps no such thing. */
  readonly marks: ReadonlyMap<string, SourceMark> | undefined;
  /** Ship all of it, whatever was shipped. */
  readonly again: boolean;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

export interface SourceBatch extends SizedBatch {
  /** Bytes of the source that the batch covers. */
  readonly covers: number;
  /** Position in the source where the batch ends. */
  readonly to: number;
}

/** How the batches of a source ended. */
export interface SourceEnd {
  /** Where they began: behind what was shipped before. */
  readonly began: number;
  readonly id: string | undefined;
  /** Over all that was read, where all of it is in a batch: what a later ship of the same bytes is compared with. */
  readonly hash: string | undefined;
}

/**
 * The batches of a source, from where it was left. Ends soon when the signal is aborted, without the line that is not
 * whole (of a pipe, which cannot be read again, with it).
 */
export async function* batchesOf(source: LogSource, options: BatchOptions): AsyncGenerator<SourceBatch, SourceEnd> {
  const { read, tally, signal } = options;
  const content = await openContent(source, read.encoding, signal);
  const from = await whereToBegin(source, content, options);
  const found = source.identity === undefined ? undefined : agreedFormat(content.head);
  const format = read.context.format ?? found;
  const context: EventContext = {
    ...read.context,
    ...(format === undefined ? {} : { format }),
    ...(source.name === '-' ? {} : { file: source.name }),
  };
  let position = from.position;
  let read_ = from.position;
  const blocks = readBlocks(
    content.read(from.position),
    {
      joiner: read.multiline === 'none' ? undefined : createJoiner(read.multiline),
      everyLine: read.multiline !== 'auto',
      start: from.position,
      mark: from.position === 0 ? content.mark : 0,
      live: source.identity === undefined,
      isWhole: () => source.identity === undefined || !signal.aborted,
      observe: (bytes) => {
        read_ += bytes.length;
        from.hash?.update(bytes);
      },
    },
    tally,
  );
  for await (const block of quietWhenAborted(blocks, signal)) {
    tally.blank += (block.joins?.length ?? block.lines) - block.events;
    if (block.truncated !== undefined) tally.truncated += 1;
    position = block.to;
    yield batchOf(block, context, from.id);
  }
  const hash = position === read_ ? from.hash?.digest('hex') : undefined;
  return { began: from.position, id: from.id, hash };
}

function batchOf(block: EventBlock, context: EventContext, id: string | undefined): SourceBatch {
  return {
    bytes: block.bytes,
    lines: block.lines,
    events: block.events,
    covers: block.to - block.from,
    to: block.to,
    context: block.truncated === undefined ? context : { ...context, truncated: block.truncated },
    ...(block.joins === undefined ? {} : { joins: block.joins }),
    ...(id === undefined ? {} : { source: { id, from: block.from, to: block.to } }),
  };
}

interface Beginning {
  readonly id: string | undefined;
  readonly position: number;
  readonly hash: Hash | undefined;
}

async function whereToBegin(source: LogSource, content: Content, options: BatchOptions): Promise<Beginning> {
  const { marks } = options;
  const { identity } = source;
  if (identity === undefined || marks === undefined) return { id: undefined, position: 0, hash: undefined };
  const known = { identity, head: content.head.subarray(0, HEAD_BYTES), compressed: content.compressed };
  const candidates = options.again ? [] : candidatesFor(marks, known);
  const found = candidates.length === 0 ? undefined : await findResumption(tolerant(content.read(0)), candidates);
  return found ?? { id: freshId(marks, known), position: 0, hash: createHash('sha256') };
}

/** Damage ends the stream: what is before it is compared, and the damage told when it is shipped. */
async function* tolerant(stream: ByteStream): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    if (!(error instanceof LogsError && error.code === 'INPUT_DAMAGED')) throw error;
  }
}

/** A source that was left in the middle looks damaged; nobody asked. */
async function* quietWhenAborted<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
