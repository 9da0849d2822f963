import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { LogsError } from '../errors.ts';
import { asBuffer } from './nul-runs.ts';
import type { ByteStream } from './source.ts';

/** Compressed bytes given to zlib at once: what they inflate to, at most 1,032 times as much, is held in memory. */
const PIECE = 16 * 1024;
const OUTPUT_CHUNK = 256 * 1024;
const MAGIC = Buffer.of(0x1f, 0x8b);
const DEFLATE = 8;
const FLAG = { HEADER_CRC: 2, EXTRA: 4, NAME: 8, COMMENT: 16 } as const;

/** Whether a stream that begins so is gzip (RFC 1952). */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === MAGIC[0] && head[1] === MAGIC[1];
}

/**
 * Inflates gzip with all its members (RFC 1952) as a stream, in memory that does not depend on how much it inflates
 * to. Each member's checksum and length are checked. Zero bytes behind a member are padding. Everything that can be
 * inflated before the fault is given, and then `INPUT_DAMAGED` is thrown: for a stream that ends inside a member, for
 * damaged data, and for bytes behind a member that are no member. It is by hand, over zlib's inflate, because Node's
 * own gunzip drops up to a chunk of good output when it meets such a fault.
 */
export async function* gunzip(stream: ByteStream, name: string): AsyncGenerator<Uint8Array> {
  const input = new Input(stream);
  try {
    for (let member = 0; ; member += 1) {
      if (member > 0) await input.skipZeros();
      if ((await input.peek()) === undefined) return;
      if (!(await readHeader(input))) {
        if (member === 0) throw damaged(name, 'it has no whole gzip header');
        throw new DamagedBehindEnd(damaged(name, 'bytes that are not gzip follow its end'));
      }
      yield* inflateMember(input, name);
    }
  } finally {
    await input.close();
  }
}

/** Inflates one member's data, then checks its trailer. */
async function* inflateMember(input: Input, name: string): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: OUTPUT_CHUNK, finishFlush: constants.Z_SYNC_FLUSH });
  let failure: Error | undefined;
  let ended = false;
  const ready: Buffer[] = [];
  inflate.on('data', (chunk: Buffer) => ready.push(chunk));
  inflate.on('error', (error) => {
    failure = error;
  });
  inflate.on('end', () => {
    ended = true;
  });
  let crc = 0;
  let length = 0;
  try {
    while (!ended && failure === undefined) {
      const piece = await input.take(PIECE);
      if (piece === undefined) break;
      const before = inflate.bytesWritten;
      await write(inflate, piece);
      const used = inflate.bytesWritten - before;
      for (const chunk of ready.splice(0)) {
        crc = crc32(chunk, crc);
        length += chunk.length;
        yield chunk;
      }
      if (used < piece.length) {
        // zlib takes nothing behind the end of the data.
        input.giveBack(piece.subarray(used));
        if (failure === undefined) ended = true;
      }
    }
  } finally {
    inflate.destroy();
  }
  if (failure !== undefined) throw damaged(name, 'its compressed data is damaged');
  // A member that fills its last piece exactly says nothing of its end: its trailer tells.
  const trailer = await input.exactly(8);
  if (trailer === undefined) throw damaged(name, 'it ends in the middle: it was cut off, or is still being written');
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== length % 0x1_0000_0000) {
    throw damaged(name, 'its checksum does not fit its data');
  }
}

async function write(inflate: InflateRaw, piece: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      inflate.off('close', done);
      resolve();
    };
    inflate.once('close', done);
    inflate.write(piece, done);
  });
}

/** Reads one member's header; false when there is none, or not a whole one. */
async function readHeader(input: Input): Promise<boolean> {
  const fixed = await input.exactly(10);
  if (fixed === undefined || !isGzip(fixed) || fixed[2] !== DEFLATE) return false;
  const flags = fixed[3] ?? 0;
  if (flags & FLAG.EXTRA) {
    const size = await input.exactly(2);
    if (size === undefined || (await input.exactly(size.readUInt16LE(0))) === undefined) return false;
  }
  if (flags & FLAG.NAME && !(await input.skipText())) return false;
  if (flags & FLAG.COMMENT && !(await input.skipText())) return false;
  return !(flags & FLAG.HEADER_CRC) || (await input.exactly(2)) !== undefined;
}

/** Damage behind the end of what was read: that is whole, with its checksum. */
export class DamagedBehindEnd extends LogsError {
  constructor({ code, message, hint }: LogsError) {
    super(code, message, hint === undefined ? {} : { hint });
  }
}

function damaged(name: string, why: string): LogsError {
  return new LogsError('INPUT_DAMAGED', `${name} is damaged: ${why}`, {
    hint: 'what could be read of it was taken; a whole copy can be given again',
  });
}

/** Bytes of a stream, taken as needed. */
class Input {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(stream: ByteStream) {
    this.iterator = stream[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  /** The next byte, left where it is. */
  async peek(): Promise<number | undefined> {
    while (this.rest.length === 0) {
      const next = await this.iterator.next();
      if (next.done === true) return undefined;
      this.rest = asBuffer(next.value);
    }
    return this.rest[0];
  }

  /** At most `count` bytes; undefined at the end. */
  async take(count: number): Promise<Buffer | undefined> {
    if ((await this.peek()) === undefined) return undefined;
    const taken = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(taken.length);
    return taken;
  }

  /** A part of what was taken last, from its end. */
  giveBack(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([bytes, this.rest]);
  }

  async exactly(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.take(missing);
      if (part === undefined) return undefined;
      // A later read may use the same memory.
      parts.push(Buffer.from(part));
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Skips text up to its NUL; false when the stream ends before. */
  async skipText(): Promise<boolean> {
    for (;;) {
      const byte = await this.take(1);
      if (byte === undefined) return false;
      if (byte[0] === 0) return true;
    }
  }

  async skipZeros(): Promise<void> {
    while ((await this.peek()) === 0) await this.take(1);
  }
}
