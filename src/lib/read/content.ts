import { readHead } from './byte-stream.ts';
import { decode, type Encoding, encodingOf } from './decode.ts';
import { refuseForeign } from './foreign.ts';
import { gunzip, isGzip } from './gunzip.ts';
import type { ByteStream, LogSource } from './source.ts';

/** Enough to tell gzip and every byte order mark. */
const MARK_BYTES = 4;
/** Of a source that can be read again, so much is looked at before. */
const HEAD_BYTES = 64 * 1024;

/** The text of a source: inflated and in UTF-8. Positions of a source count these bytes. */
export interface Content {
  readonly compressed: boolean;
  /** Bytes of a UTF-8 byte order mark at the start of the text. */
  readonly mark: number;
  /** The first bytes of the text before it is decoded; up to 64 KiB where the source can be read again, else 4. */
  readonly head: Uint8Array;
  /** The text from a position on. A source without identity has only one, from 0. */
  read(from: number): ByteStream;
  /** Gives up a text that was not read. */
  close(): Promise<void>;
}

/**
 * Looks at the first bytes of a source and tells how to read it: gzip by its first bytes, UTF-16 by its byte order mark
 * unless `encoding` says otherwise. Waits until a pipe has given its first bytes. Throws NOT_READABLE for what is
 * packed in another way.
 */
export async function openContent(
  source: LogSource,
  encoding: Encoding | undefined,
  signal: AbortSignal,
): Promise<Content> {
  const again = source.identity !== undefined;
  const raw = await readHead(source.read(signal), MARK_BYTES);
  const compressed = isGzip(raw.head);
  const { head, all } =
    compressed || again
      ? await readHead(compressed ? gunzip(raw.all, source.name) : raw.all, again ? HEAD_BYTES : MARK_BYTES)
      : raw;
  const found = encodingOf(head);
  const used = encoding ?? found.encoding;
  if (again) await all.return();
  try {
    refuseForeign(head, source.name);
  } catch (error) {
    await all.return();
    throw error;
  }
  const inflated = () => (compressed ? gunzip(source.read(signal), source.name) : source.read(signal));
  return {
    compressed,
    mark: used === 'utf8' && found.encoding === 'utf8' ? found.mark : 0,
    head,
    read(from) {
      if (!again) return decode(all, used);
      if (!compressed && used === 'utf8') return source.read(signal, from);
      return behind(decode(inflated(), used), from);
    },
    close: async () => {
      await all.return();
    },
  };
}

/** What comes after the first `count` bytes. */
async function* behind(stream: ByteStream, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}
