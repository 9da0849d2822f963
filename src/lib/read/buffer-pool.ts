/**
 * Buffers of one size that are used again. A new one of a megabyte is memory that the kernel has to clear, and that the
 * collector, which knows nothing of its use, marks the whole heap for to give it back.
 */
export class BufferPool {
  /** Bytes of each. */
  readonly size: number;
  readonly #most: number;
  readonly #free: Buffer[] = [];

  /** Keeps at most so many. */
  constructor(size: number, most: number) {
    this.size = size;
    this.#most = most;
  }

  /** One of them, with whatever was in it before. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Takes back the buffer that bytes are the start of, if it is one of these. Nobody may read them any more. */
  give({ buffer, byteOffset }: Uint8Array): void {
    if (byteOffset !== 0 || buffer.byteLength !== this.size || this.#free.length >= this.#most) return;
    if (!this.#free.some((one) => one.buffer === buffer)) this.#free.push(Buffer.from(buffer));
  }
}
