import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/lib/read/decode.ts';
import { gunzip } from '../../../src/lib/read/gunzip.ts';

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<{ bytes: Buffer; error: unknown }> {
  const parts: Buffer[] = [];
  try {
    for await (const part of stream) parts.push(Buffer.from(part));
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  }
  return { bytes: Buffer.concat(parts), error: undefined };
}

const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i} ${(i * 7919) % 10_007}\n`).join(''));
const inflate = (bytes: Uint8Array, size = 1000) => collect(gunzip(piecesOf(bytes, size), 'x.gz'));

describe('gunzip', () => {
  it('reads members one after the other, padding between them, cut anywhere', async () => {
    const bytes = Buffer.concat([
      gzipSync(text),
      gzipSync(Buffer.alloc(0)),
      Buffer.alloc(7),
      gzipSync(Buffer.from('end\n')),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40_000 }), async (size) => {
        const { bytes: out, error } = await inflate(bytes, size);
        expect(error).toBeUndefined();
        expect(out.equals(Buffer.concat([text, Buffer.from('end\n')]))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('gives all that a cut file holds, and then says so', async () => {
    const whole = gzipSync(text);
    for (const length of [1, 5, 9, 12, 1000, whole.length - 9, whole.length - 8, whole.length - 1]) {
      const { bytes, error } = await inflate(whole.subarray(0, length));
      expect(error).toMatchObject({ code: 'INPUT_DAMAGED' });
      expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true);
      if (length >= whole.length - 8) expect(bytes.length).toBe(text.length);
    }
  });

  it('gives everything before trailing garbage', async () => {
    for (const garbage of [Buffer.from('garbage'), Buffer.of(0x1f), Buffer.of(0x1f, 0x8b, 8, 0, 1)]) {
      const { bytes, error } = await inflate(Buffer.concat([gzipSync(text), garbage]));
      expect(error).toMatchObject({ code: 'INPUT_DAMAGED' });
      expect(bytes.equals(text)).toBe(true);
    }
  });

  it('does not pass off a flipped checksum', async () => {
    const bytes = gzipSync(text);
    bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 1;
    expect((await inflate(bytes)).error).toMatchObject({
      code: 'INPUT_DAMAGED',
      message: expect.stringContaining('checksum'),
    });
  });

  it('holds little of a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    let most = 0;
    let total = 0;
    for await (const part of gunzip(piecesOf(bomb, 65_536), 'bomb.gz')) {
      total += part.length;
      most = Math.max(most, part.length);
    }
    expect(total).toBe(100 * 1024 * 1024);
    expect(most).toBeLessThanOrEqual(256 * 1024);
  });
});

describe('decode', () => {
  it('gives UTF-8 for any cut of UTF-16 and Latin-1', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 7 }), async (value, size) => {
        const little = Buffer.from(`\ufeff${value}`, 'utf16le');
        expect((await collect(decode(piecesOf(little, size), 'utf16le'))).bytes).toEqual(Buffer.from(value));
        expect((await collect(decode(piecesOf(Buffer.from(little).swap16(), size), 'utf16be'))).bytes).toEqual(
          Buffer.from(value),
        );
      }),
    );
    expect((await collect(decode(piecesOf(Buffer.of(0x63, 0xe9), 1), 'latin1'))).bytes.toString()).toBe('cé');
  });
});
