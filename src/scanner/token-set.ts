import { setBit, tokenHash } from './bytes';
import { reserveZero } from './memory';

/*
 * The distinct tokens of a row group, by their hashes: exact, so that the filter is as large as it must be, and so that
 * trigrams are taken of a token only the first time that it is seen.
 */

const FEWEST_PLACES: u32 = 1 << 13;
const TRIGRAM: u32 = 0x9e3779b1;

let table: usize = 0;
let places: u32 = 0;
let trigrams: usize = 0;
/** Of the trigram filter before it is folded, a power of two. */
let trigramBits: u32 = 0;
/** Distinct tokens. */
export let tokenCount: u32 = 0;

export function setTrigramWords(words: u32): void {
  trigramBits = words << 6;
}

/** `expected` tokens, as the group before had: the table grows, but growing costs. */
export function startTokens(expected: u32): void {
  places = FEWEST_PLACES;
  while (places < expected << 1) places <<= 1;
  table = reserveZero((<usize>places) << 3);
  trigrams = reserveZero(trigramBits >>> 3);
  tokenCount = 0;
}

export function addToken(at: usize, length: usize): void {
  const hash = tokenHash(at, length);
  let place = <u32>(hash >> 20) & (places - 1);
  for (;;) {
    const known = load<u64>(table + ((<usize>place) << 3));
    if (known === hash) return;
    if (known === 0) break;
    place = (place + 1) & (places - 1);
  }
  store<u64>(table + ((<usize>place) << 3), hash);
  tokenCount++;
  if (length >= 3) addTrigrams(at, length);
  if (tokenCount > places >>> 1) grow();
}

function addTrigrams(at: usize, length: usize): void {
  let bytes: u32 = ((<u32>load<u8>(at) | 0x20) << 8) | (<u32>load<u8>(at, 1) | 0x20);
  const end = at + length;
  for (at += 2; at < end; at++) {
    bytes = ((bytes << 8) | (<u32>load<u8>(at) | 0x20)) & 0xffffff;
    const bit = ((bytes * TRIGRAM) >>> 10) & (trigramBits - 1);
    setBit(trigrams, bit);
  }
}

function grow(): void {
  const before = table;
  const end = before + ((<usize>places) << 3);
  places <<= 1;
  table = reserveZero((<usize>places) << 3);
  for (let at = before; at < end; at += 8) {
    const hash = load<u64>(at);
    if (hash === 0) continue;
    let place = <u32>(hash >> 20) & (places - 1);
    while (load<u64>(table + ((<usize>place) << 3)) !== 0) place = (place + 1) & (places - 1);
    store<u64>(table + ((<usize>place) << 3), hash);
  }
}

/** Makes the token filter of so many 64-bit words: its address. */
export function makeTokenFilter(words: u32): usize {
  const filter = reserveZero((<usize>words) << 3);
  const end = table + ((<usize>places) << 3);
  for (let at = table; at < end; at += 8) {
    const hash = load<u64>(at);
    if (hash === 0) continue;
    const word = filter + ((<usize>(((hash >> 32) * <u64>words) >> 32)) << 3);
    const bits: u64 =
      ((<u64>1) << (hash & 63)) |
      ((<u64>1) << ((hash >> 6) & 63)) |
      ((<u64>1) << ((hash >> 12) & 63)) |
      ((<u64>1) << ((hash >> 18) & 63));
    store<u64>(word, load<u64>(word) | bits);
  }
  return filter;
}

/** Folded filters are not made smaller than `least` words, nor so that more than `most` of their bits are set. */
export let trigramWords: u32 = 0;

/** Folds the trigram filter: its address; `trigramWords` is its size. */
export function makeTrigramFilter(least: u32, most: f64): usize {
  trigramWords = trigramBits >>> 6;
  let set = setBits(trigramWords);
  while (trigramWords > least) {
    const empty = 1 - <f64>set / <f64>(trigramWords << 6);
    if (1 - empty * empty > most) break;
    trigramWords >>>= 1;
    const half = (<usize>trigramWords) << 3;
    for (let at = trigrams; at < trigrams + half; at += 8) store<u64>(at, load<u64>(at) | load<u64>(at + half));
    set = setBits(trigramWords);
  }
  return trigrams;
}

function setBits(words: u32): u32 {
  let set: u64 = 0;
  const end = trigrams + ((<usize>words) << 3);
  for (let at = trigrams; at < end; at += 8) set += popcnt<u64>(load<u64>(at));
  return <u32>set;
}
