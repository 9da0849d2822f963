import { createRequire } from 'node:module';
import { crc32 as ofZlib } from 'node:zlib';

type Crc32 = (bytes: Uint8Array, before: number) => number;

const require = createRequire(import.meta.url);

/**
 * Bytes after which the sum by the CPU's own carry-less multiplication is worth loading: it takes 5 ms to load, and then a
 * fifth of the time or less (4 GB a second by zlib).
 */
const WORTH_LOADING = 32 * 2 ** 20;

let sum: Crc32 = untilWorthLoading;
let summed = 0;

/** CRC-32 (the polynomial of zlib) of bytes, or of more bytes after those that gave `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return sum(bytes, before);
}

function untilWorthLoading(bytes: Uint8Array, before: number): number {
  summed += bytes.length;
  if (summed >= WORTH_LOADING) sum = fastest();
  return ofZlib(bytes, before);
}

function fastest(): Crc32 {
  try {
    return (require('@node-rs/crc32') as typeof import('@node-rs/crc32')).crc32;
  } catch {
    // There is none for this machine.
    return ofZlib;
  }
}
