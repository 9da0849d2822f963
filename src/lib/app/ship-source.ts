import { createHash } from 'node:crypto';
import { agreedFormat } from '../parse/agreed-format.ts';
import type { SourceMark } from '../record/batch.ts';
import type { EventContext } from '../record/record.ts';
import { type BlockReport, readBlocks } from '../read/blocks.ts';
import type { BufferPool } from '../read/buffer-pool.ts';
import { type Content, openContent } from '../read/content.ts';
import type { Encoding } from '../read/decode.ts';
import type { EventBlock } from '../read/event-cutter.ts';
import { createJoiner } from '../read/multiline.ts';
import { PrefixHash } from '../read/prefix-hash.ts';
import { candidatesFor, findResumption, freshId, HEAD_BYTES } from '../read/source-id.ts';
import type { ByteStream, LogSource } from '../read/source.ts';
import { LogsError } from '../errors.ts';
import type { SizedBatch } from '../record/batch.ts';

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
  /** Of buffers that batches are read into: whoever is done with the bytes of one may give them back. */
  readonly buffers?: BufferPool;
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
  const blocks = readBlocks(
    content.read(from.position),
    {
      joiner: read.multiline === 'none' ? undefined : createJoiner(read.multiline),
      everyLine: read.multiline !== 'auto',
      start: from.position,
      mark: from.position === 0 ? content.mark : 0,
      live: source.identity === undefined,
      isWhole: () => source.identity === undefined || !signal.aborted,
      ...(options.buffers === undefined ? {} : { buffers: options.buffers }),
      ...(from.shipped === undefined ? {} : { watch: from.shipped.hash }),
    },
    tally,
  );
  for await (const block of quietWhenAborted(blocks, signal)) {
    tally.blank += (block.joins?.length ?? block.lines) - block.events;
    if (block.truncated !== undefined) tally.truncated += 1;
    yield batchOf(block, context, from.shipped);
  }
  return { began: from.position };
}

function batchOf(block: EventBlock, context: EventContext, shipped: Shipped | undefined): SourceBatch {
  const { from, to } = block;
  return {
    bytes: block.bytes,
    lines: block.lines,
    events: block.events,
    covers: to - from,
    to,
    context: block.truncated === undefined ? context : { ...context, truncated: block.truncated },
    ...(block.joins === undefined ? {} : { joins: block.joins }),
    ...(shipped === undefined ? {} : { source: { id: shipped.id, from, to, hash: shipped.hash.upTo(to) } }),
  };
}

/** A source that the sink keeps the position of. */
interface Shipped {
  readonly id: string;
  readonly hash: PrefixHash;
}

interface Beginning {
  readonly position: number;
  readonly shipped: Shipped | undefined;
}

async function whereToBegin(source: LogSource, content: Content, options: BatchOptions): Promise<Beginning> {
  const { marks } = options;
  const { identity } = source;
  if (identity === undefined || marks === undefined) return { position: 0, shipped: undefined };
  const known = { identity, head: content.head.subarray(0, HEAD_BYTES), compressed: content.compressed };
  const candidates = options.again ? [] : candidatesFor(marks, known);
  const found = candidates.length === 0 ? undefined : await findResumption(tolerant(content.read(0)), candidates);
  const { id, position, hash } = found ?? { id: freshId(marks, known), position: 0, hash: createHash('sha256') };
  return { position, shipped: { id, hash: new PrefixHash(position, hash) } };
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
