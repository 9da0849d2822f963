import type { Readable } from 'node:stream';
import type { ByteStream } from './source.ts';

/**
 * The first bytes of a stream, `count` of them or all there are, and the whole stream, these included. The stream must
 * be read or left with `return()`, so that what is behind it is closed.
 */
export async function readHead(
  stream: ByteStream,
  count: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  while (length < count && !ended) {
    try {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else {
        // The source may use the buffer again for its next read.
        parts.push(Buffer.from(next.value));
        length += next.value.length;
      }
    } catch (error) {
      failure = { error };
      ended = true;
    }
  }
  const whole = Buffer.concat(parts);
  async function* replay(): AsyncGenerator<Uint8Array> {
    try {
      if (whole.length > 0) yield whole;
      // What was read before the failure is good, and comes first.
      if (failure !== undefined) throw failure.error;
      while (!ended) {
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: whole.subarray(0, count), all: replay() };
}

/** What a Node stream gives until it ends or the signal is aborted. */
export async function* untilAborted(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return;
  const stop = () => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    // Destroyed before its end: that is what was asked for.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
