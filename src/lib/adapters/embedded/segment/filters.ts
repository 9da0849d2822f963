/*
 * Filters over the tokens of a row group: runs of ASCII letters, digits and `_`, each byte with bit 0x20 set, which
 * folds upper case and keeps all others apart. The scanner makes them; this is what they mean.
 */

const FIRST = 0x9e37_79b9_7f4a_7c15n;
const SECOND = 0xd6e8_feb8_6659_fd93n;
const MASK = 0xffff_ffff_ffff_ffffn;
const TRIGRAM = 0x9e37_79b1;

/** Trigram bits before folding; folded sizes are powers of two from `LEAST_TRIGRAM_WORDS` up. 64-bit words. */
export const TRIGRAM_WORDS = 2 ** 12;
export const LEAST_TRIGRAM_WORDS = 2 ** 6;
export const BITS_A_TOKEN = 10;
export const LEAST_TOKEN_WORDS = 64;

/**
 * The 64-bit hash of a token, ASCII bytes. With h = length × FIRST: for each 8 bytes, little-endian, while more than 8
 * are left, and for the last 1 to 8 (zeros behind them): h = ((h ^ w) × FIRST), h ^= h >> 32, h ×= SECOND; at the end
 * h ^= h >> 29. All modulo 2^64.
 */
export function tokenHash(token: string): bigint {
  const bytes = Buffer.alloc(Math.max(1, Math.ceil(token.length / 8)) * 8);
  for (let at = 0; at < token.length; at++) bytes[at] = token.charCodeAt(at) | 0x20;
  let hash = (BigInt(token.length) * FIRST) & MASK;
  for (let at = 0; at < bytes.length; at += 8) {
    hash = ((hash ^ bytes.readBigUInt64LE(at)) * FIRST) & MASK;
    hash ^= hash >> 32n;
    hash = (hash * SECOND) & MASK;
  }
  return hash ^ (hash >> 29n);
}

/** The word of a token filter that a hash goes to, of so many. */
function tokenWord(hash: bigint, words: number): number {
  return Number(((hash >> 32n) * BigInt(words)) >> 32n);
}

/** The four bits, or fewer where some fall together, that a token sets in its word. */
function tokenBits(hash: bigint): bigint {
  return (
    (1n << (hash & 63n)) | (1n << ((hash >> 6n) & 63n)) | (1n << ((hash >> 12n) & 63n)) | (1n << ((hash >> 18n) & 63n))
  );
}

/** The bit of a trigram in a bitmap of so many 64-bit words, a power of two: three bytes of a token from `at` on. */
function trigramBit(token: string, at: number, words: number): number {
  const code = (index: number): number => token.charCodeAt(index) | 0x20;
  const bytes = (code(at) << 16) | (code(at + 1) << 8) | code(at + 2);
  return (Math.imul(bytes, TRIGRAM) >>> 10) & (words * 64 - 1);
}

/** The filters of one row group, as they stand in the `.idx`. */
export interface GroupFilters {
  /** 64-bit words, little-endian. */
  readonly tokens: Uint8Array;
  readonly trigrams: Uint8Array;
}

/** Whether some event of a group may hold a token, ASCII word characters in any case. Never no where one does. */
export function mayHoldToken({ tokens }: GroupFilters, token: string): boolean {
  const hash = tokenHash(token);
  const bits = tokenBits(hash);
  const at = tokenWord(hash, tokens.length / 8) * 8;
  return (wordAt(tokens, at) & bits) === bits;
}

/** Whether some token of a group may hold a run of ASCII word characters, in any case; yes for fewer than three. */
export function mayHoldRun({ trigrams }: GroupFilters, run: string): boolean {
  for (let at = 0; at + 3 <= run.length; at++) {
    const bit = trigramBit(run, at, trigrams.length / 8);
    if ((((trigrams[bit >>> 3] ?? 0) >>> (bit & 7)) & 1) === 0) return false;
  }
  return true;
}

function wordAt(bytes: Uint8Array, at: number): bigint {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readBigUInt64LE(at);
}

/** The filters of a set of distinct tokens: what the scanner makes, slowly. */
export function filtersOf(tokens: Iterable<string>): GroupFilters {
  const all = [...tokens];
  const words = Math.max(LEAST_TOKEN_WORDS, Math.ceil((all.length * BITS_A_TOKEN) / 64));
  const bloom = Buffer.alloc(words * 8);
  let trigrams = Buffer.alloc(TRIGRAM_WORDS * 8);
  for (const token of all) {
    const hash = tokenHash(token);
    const at = tokenWord(hash, words) * 8;
    bloom.writeBigUInt64LE(bloom.readBigUInt64LE(at) | tokenBits(hash), at);
    for (let from = 0; from + 3 <= token.length; from++) {
      const bit = trigramBit(token, from, TRIGRAM_WORDS);
      trigrams[bit >>> 3] = (trigrams[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  while (trigrams.length > LEAST_TRIGRAM_WORDS * 8 && fillOfHalf(trigrams) <= MOST_FILL) trigrams = halved(trigrams);
  return { tokens: bloom, trigrams };
}

/** Set bits of a trigram bitmap after folding: above it, it says no too seldom. */
export const MOST_FILL = 0.35;

/** Expected fill after folding once: bits of the halves taken as independent. */
function fillOfHalf(bits: Uint8Array): number {
  let set = 0;
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) set++;
  const fill = set / (bits.length * 8);
  return 1 - (1 - fill) * (1 - fill);
}

function halved(bits: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const half = bits.length / 2;
  const out = Buffer.alloc(half);
  for (let at = 0; at < half; at++) out[at] = (bits[at] ?? 0) | (bits[at + half] ?? 0);
  return out;
}

const TOKEN = /[A-Za-z0-9_]+/g;

/** The tokens of a decoded text, in lower case. */
export function tokensOf(text: string): string[] {
  return Array.from(text.matchAll(TOKEN), ([token]) => token.toLowerCase());
}
