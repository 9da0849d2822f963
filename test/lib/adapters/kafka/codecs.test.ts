import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compress as snappy } from 'snappy';
import { CODECS, MAX_INFLATED } from '../../../../src/lib/adapters/kafka/codecs.ts';

const NAMES = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const TEXT = Buffer.from(Array.from({ length: 3000 }, (_, n) => `line ${n} of a log, ${n * 7919}`).join('\n'));

/** What snappy-java and librdkafka write: a magic, two versions, and blocks with their lengths. */
async function xerial(parts: readonly Buffer[]): Promise<Buffer> {
  const out: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (const part of parts) {
    const block = await snappy(part);
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    out.push(length, block);
  }
  return Buffer.concat(out);
}

describe('codecs', () => {
  it.each(NAMES)('%s gives back what it was given', async (name) => {
    for (const data of [TEXT, Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(3 << 20, 'ab')]) {
      const packed = await CODECS[name].compress(data);
      expect((await CODECS[name].decompress(packed, MAX_INFLATED)).equals(data)).toBe(true);
    }
  });

  it('reads snappy in blocks as Java frames it', async () => {
    const framed = await xerial([TEXT.subarray(0, 30_000), TEXT.subarray(30_000)]);
    expect((await CODECS.snappy.decompress(framed, MAX_INFLATED)).equals(TEXT)).toBe(true);
  });

  it.each(NAMES)('%s allocates nothing for a bomb', async (name) => {
    const bomb =
      name === 'gzip' ? gzipSync(Buffer.alloc(64 << 20)) : await CODECS[name].compress(Buffer.alloc(64 << 20));
    const before = process.memoryUsage().rss;
    await expect(CODECS[name].decompress(bomb, MAX_INFLATED)).rejects.toThrow();
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  });

  it('reads no bomb of snappy in blocks', async () => {
    const part = Buffer.alloc(8 << 20);
    const framed = await xerial([part, part, part, part, part]);
    await expect(CODECS.snappy.decompress(framed, MAX_INFLATED)).rejects.toThrow('inflates to');
  });

  it.each(NAMES)('%s says of garbage that it is none', async (name) => {
    for (const garbage of [Buffer.from('no such thing at all'), Buffer.alloc(0), Buffer.alloc(40, 0xff)]) {
      await expect(CODECS[name].decompress(garbage, MAX_INFLATED)).rejects.toThrow();
    }
  });

  it.each(NAMES)('%s cut short is told', async (name) => {
    const packed = await CODECS[name].compress(TEXT);
    await expect(CODECS[name].decompress(packed.subarray(0, packed.length >> 1), MAX_INFLATED)).rejects.toThrow();
  });
});
