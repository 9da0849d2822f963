import type { Hash } from 'node:crypto';
import { LogsError } from '../errors.ts';

/** What a stream's bytes are shown to while they are cut into blocks. */
export interface ByteWatch {
  /** The next bytes; they stay as they are until `settle`. */
  push(bytes: Uint8Array): void;
  /** What was pushed may be overwritten now. No block to come ends before this position. */
  settle(position: number): void;
}

/**
 * SHA-256 over the bytes of a source up to the ends of its blocks, which lie behind what was read. Hashes every byte
 * once, and keeps copies of those alone that no block covers yet: about a line, more where a line is long.
 */
export class PrefixHash implements ByteWatch {
  /** Over the bytes before `position`. */
  private readonly hash: Hash;
  private position: number;
  /** What follows, in order; the last of it may be a view until `settle`. */
  private readonly ahead: Uint8Array[] = [];

  /** `hash` is over the `position` bytes before the first pushed. */
  constructor(position: number, hash: Hash) {
    this.position = position;
    this.hash = hash;
  }

  push(bytes: Uint8Array): void {
    this.ahead.push(bytes);
  }

  settle(position: number): void {
    this.advance(position);
    const last = this.ahead.pop();
    if (last !== undefined) this.ahead.push(kept(last));
  }

  /** In hex, over all bytes before `position`, which is not below one given before, nor above what was pushed. */
  upTo(position: number): string {
    this.advance(position);
    if (this.position !== position)
      throw new LogsError('INTERNAL', `asked for the hash of ${position} bytes, at ${this.position}`);
    return this.hash.copy().digest('hex');
  }

  private advance(position: number): void {
    let next = this.ahead[0];
    while (next !== undefined && this.position < position) {
      const part = next.subarray(0, position - this.position);
      this.hash.update(part);
      this.position += part.length;
      if (part.length < next.length) this.ahead[0] = next.subarray(part.length);
      else this.ahead.shift();
      next = this.ahead[0];
    }
  }
}

/** A file cut off while it is written to begins with a hole, of gigabytes: that must not be held. */
const NULS = Buffer.alloc(1024 * 1024);

function kept(bytes: Uint8Array): Uint8Array {
  const nuls = NULS.subarray(0, bytes.length);
  return bytes[0] === 0 && nuls.equals(bytes) ? nuls : Uint8Array.from(bytes);
}
