import * as zlib from 'node:zlib';
import { promisify } from 'node:util';
import wasm from '@bokuweb/zstd-wasm';

/** Node has it from 22.15 on. */
const native = zlib as typeof zlib & {
  readonly zstdCompress?: (data: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
  readonly zstdDecompress?: (
    data: Buffer,
    options: { readonly maxOutputLength: number },
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
};

let begun: Promise<void> | undefined;

/** Compresses at level 3. */
export async function compress(data: Buffer): Promise<Buffer> {
  if (native.zstdCompress !== undefined) return promisify(native.zstdCompress)(data);
  await (begun ??= wasm.init());
  return asBuffer(wasm.compress(data));
}

/** Inflates one frame; throws where it would have more than `most` bytes. */
export async function decompress(data: Buffer, most: number): Promise<Buffer> {
  if (native.zstdDecompress !== undefined) {
    return promisify(native.zstdDecompress)(data, { maxOutputLength: most });
  }
  await (begun ??= wasm.init());
  return asBuffer(wasm.decompress(data, { defaultHeapSize: most }));
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
