import type { Readable } from 'node:stream';
import type { ByteStream } from './source.ts';

/**
 * The first bytes of a stream, `count` of them or all there are, and the whole stream, these included. The stream must
 * be read to its end or left with `return()`, so that what is behind it is closed.
 */
export async function readHead(stream: ByteStream, count: number): Promise<{ head: Buffer; all: Replayed }> {
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
  return { head: whole.subarray(0, count), all: new Replayed(whole, ended, failure, iterator) };
}

/** A stream of which the first bytes were read before; behind them it is the stream's own iterator that is asked. */
class Replayed implements AsyncIterableIterator<Uint8Array> {
  #head: Uint8Array | undefined;
  #ended: boolean;
  #failure: { readonly error: unknown } | undefined;
  readonly #rest: AsyncIterator<Uint8Array>;

  constructor(
    head: Uint8Array,
    ended: boolean,
    failure: { readonly error: unknown } | undefined,
    rest: AsyncIterator<Uint8Array>,
  ) {
    this.#head = head.length > 0 ? head : undefined;
    this.#ended = ended;
    this.#failure = failure;
    this.#rest = rest;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#head !== undefined) {
      const value = this.#head;
      this.#head = undefined;
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      // What was read before the failure is good, and came first.
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    return this.#ended ? Promise.resolve({ done: true, value: undefined }) : this.#rest.next();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#head = undefined;
    this.#failure = undefined;
    this.#ended = true;
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }
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
