import * as zlib from 'node:zlib';
import { promisify } from 'node:util';
import type { CompressionTypes as CompressionType } from 'kafkajs';
import { CompressionCodecs, CompressionTypes } from './kafkajs-api.ts';
import { lz4Size, snappySize, unframeXerial, isXerial, zstdSize } from './inflated-size.ts';
import { recordsOf } from './placeholders.ts';
import { standIn } from './stand-in.ts';
import type { Compression } from './settings.ts';

/**
 * Bytes that the messages of one record batch may have when inflated: whoever may write to a topic could else make a
 * reader take any amount of memory with a few bytes.
 */
export const MAX_INFLATED = 32 << 20;

interface Codec {
  compress(data: Buffer): Promise<Buffer>;
  /** MUST NOT allocate more than `most` bytes for the answer; throws where it would be larger. */
  decompress(data: Buffer, most: number): Promise<Buffer>;
}

const gzip = promisify(zlib.gzip);
const gunzip = promisify(zlib.gunzip);

const gzipCodec: Codec = {
  compress: (data) => gzip(data),
  decompress: (data, most) => gunzip(data, { maxOutputLength: most }),
};

const snappyCodec: Codec = {
  async compress(data) {
    const { compress } = await loadSnappy();
    return compress(data);
  },
  async decompress(data, most) {
    const { uncompress } = await loadSnappy();
    // Clients in Java and librdkafka frame it as xerial's library does.
    const parts = isXerial(data) ? unframeXerial(data) : [data];
    const total = parts.reduce((sum, part) => sum + snappySize(part), 0);
    if (total > most) throw tooLarge(total, most);
    const out: Buffer[] = [];
    for (const part of parts) out.push(Buffer.from(await uncompress(part, { asBuffer: true })));
    return Buffer.concat(out);
  },
};

const lz4Codec: Codec = {
  async compress(data) {
    const { compressFrame } = await loadLz4();
    return compressFrame(data);
  },
  async decompress(data, most) {
    const size = lz4Size(data);
    if (size > most) throw tooLarge(size, most);
    const { decompressFrame } = await loadLz4();
    return decompressFrame(data);
  },
};

const zstdCodec: Codec = {
  async compress(data) {
    const { compress } = await loadZstd();
    return compress(data);
  },
  async decompress(data, most) {
    const size = zstdSize(data);
    if (size !== undefined && size > most) throw tooLarge(size, most);
    const { decompress } = await loadZstd();
    return decompress(data, most);
  },
};

export const CODECS: { readonly [C in Exclude<Compression, 'none'>]: Codec } = {
  gzip: gzipCodec,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
};

/**
 * Of the number of a compression kafkajs writes the lowest three bits: these say none, and yet it asks for a codec of
 * this number.
 */
const NONE = 8;

const TYPES = {
  none: NONE,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

/** In the order of their numbers in the protocol, from 1 on. */
const NAMES = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

/** The codec of a number of the protocol, 1 to 4. */
export function codecOf(number: number): { readonly name: string; readonly codec: Codec } | undefined {
  const name = NAMES[number - 1];
  return name === undefined ? undefined : { name, codec: CODECS[name] };
}

/** What kafkajs calls a compression. */
export function typeOf(compression: Compression): CompressionType {
  return TYPES[compression] as CompressionType;
}

/** Gives kafkajs all codecs, and one for gzip with a limit. What cannot be inflated becomes messages marked as damaged. */
export function installCodecs(): void {
  (CompressionCodecs as { [type: number]: unknown })[NONE] = () => ({
    compress: async ({ buffer }: { readonly buffer: Buffer }) => recordsOf(buffer),
  });
  for (const name of NAMES) {
    const codec = CODECS[name];
    CompressionCodecs[TYPES[name]] = () => ({
      compress: ({ buffer }: { readonly buffer: Buffer }) => codec.compress(recordsOf(buffer)),
      decompress: (data: Buffer) =>
        codec.decompress(data, MAX_INFLATED).catch((error: unknown) => standIn(name, error)),
    });
  }
}

function tooLarge(size: number, most: number): Error {
  return new Error(`it inflates to ${size} bytes, more than ${most}`);
}

async function loadSnappy() {
  return import('./snappy-api.ts');
}

async function loadLz4() {
  return import('./lz4-api.ts');
}

async function loadZstd() {
  return import('./zstd-api.ts');
}
