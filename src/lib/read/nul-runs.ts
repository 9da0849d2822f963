/** A longer run of NUL bytes is a hole in a file that was truncated under its writer, not log text. */
export const MAX_NUL_RUN = 4096;

/** Takes the bytes that remain, and learns of the bytes left out between them. */
export interface ByteTarget {
  push(bytes: Uint8Array): void;
  /** `count` bytes of the source were left out here. */
  skip(count: number): void;
}

/**
 * Leaves runs of more than `MAX_NUL_RUN` NUL bytes out of a stream of bytes, whatever pieces it comes in. Shorter runs
 * stay. A chunk without NUL costs one search.
 */
export class NulRuns {
  private readonly target: ByteTarget;
  /** NUL bytes seen at the end of what came so far, not passed on yet. */
  private pending = 0;
  /** Bytes left out so far. */
  skipped = 0;

  constructor(target: ByteTarget) {
    this.target = target;
  }

  push(bytes: Uint8Array): void {
    const chunk = asBuffer(bytes);
    let start = 0;
    if (this.pending > 0) {
      start = endOfRun(chunk, 0);
      this.pending += start;
      if (start === chunk.length) return;
      this.settle();
    }
    let from = start;
    for (;;) {
      const nul = chunk.indexOf(0, from);
      if (nul === -1) break;
      const end = endOfRun(chunk, nul);
      if (end === chunk.length || end - nul > MAX_NUL_RUN) {
        if (nul > start) this.target.push(chunk.subarray(start, nul));
        this.pending = end - nul;
        if (end === chunk.length) return;
        this.settle();
        start = end;
      }
      from = end;
    }
    if (start < chunk.length) this.target.push(chunk.subarray(start));
  }

  /** The source has ended. */
  end(): void {
    this.settle();
  }

  private settle(): void {
    if (this.pending > MAX_NUL_RUN) {
      this.target.skip(this.pending);
      this.skipped += this.pending;
    } else if (this.pending > 0) this.target.push(Buffer.alloc(this.pending));
    this.pending = 0;
  }
}

function endOfRun(chunk: Buffer, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] === 0) at += 1;
  return at;
}

/** The same bytes as a Buffer, whose searches run at memory speed. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
