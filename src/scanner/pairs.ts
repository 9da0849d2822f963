import { isBlank, isDigit, isVisible, isWord } from './ascii';
import { hashOf } from './bytes';
import { Claims, TEXT } from './claims';
import { findWord, TOP } from './dictionary';
import { countKey } from './key-counts';
import { reserve } from './memory';

/*
 * logfmt: `key=value key="value with blanks"`, as `parseLogfmt` of the host reads it. Keys without a value, those that
 * come twice, escapes, and what may be a blank in another script are the host's.
 */

const MOST_PAIRS: u32 = 128;
const LONGEST_KEY: usize = 256;
/** Of the names by which a line is found to be logfmt. */
const LONGEST_FOUND: usize = 64;
const QUOTE: u32 = 0x22;
const EQUALS: u32 = 0x3d;
const BACKSLASH: u32 = 0x5c;

/** Hashes of the keys of the line. */
let keys: usize = 0;

export function startPairs(): void {
  keys = reserve((<usize>MOST_PAIRS) << 3);
}

/** Whether a line begins with two pairs, by which it is found to be logfmt. */
export function looksLikePairs(at: usize, end: usize): bool {
  at = foundNameEnd(at, end);
  if (at === 0) return false;
  at++;
  if (at < end && load<u8>(at) === QUOTE) {
    at = valueEnd(at, end);
    if (at === 0) return false;
  } else {
    while (at < end && !isBlank(load<u8>(at)) && load<u8>(at) !== QUOTE && load<u8>(at) !== EQUALS) {
      if (load<u8>(at++) > 0x7f) return false;
    }
  }
  const blanks = at;
  while (at < end && isBlank(load<u8>(at))) at++;
  return at > blanks && foundNameEnd(at, end) !== 0;
}

/** Whether a line begins with a name and `=`. */
export function mayBePairs(at: usize, end: usize): bool {
  while (at < end && (isWord(load<u8>(at)) || isNameMark(load<u8>(at)))) at++;
  return at < end && load<u8>(at) === EQUALS;
}

/** Where the `=` is behind such a name; 0 where there is none. */
function foundNameEnd(at: usize, end: usize): usize {
  const first = at;
  if (at >= end || isDigit(load<u8>(at))) return 0;
  while (at < end && (isWord(load<u8>(at)) || isNameMark(load<u8>(at)))) at++;
  if (at === first || at === end || at - first > LONGEST_FOUND || load<u8>(at) !== EQUALS) return 0;
  const start = load<u8>(first);
  return isWord(start) || start === 0x40 ? at : 0;
}

/** `.`, `@`, `/` and `-` */
function isNameMark(byte: u32): bool {
  return byte === 0x2e || byte === 0x40 || byte === 0x2f || byte === 0x2d;
}

/** Reads all pairs of a line without a backslash; false where only the host can. */
export function readPairs(at: usize, end: usize, into: Claims, counts: bool): bool {
  let count: u32 = 0;
  for (at = skipBlanks(at, end); at < end; ) {
    const key = at;
    while (at < end && isKeyByte(load<u8>(at))) at++;
    if (at === key || at === end || load<u8>(at) !== EQUALS || at - key > LONGEST_KEY) return false;
    const hash = hashOf(key, at - key);
    if (count === MOST_PAIRS || isKeyThere(hash, count)) return false;
    store<u64>(keys + ((<usize>count) << 3), hash);
    count++;
    const entry = findWord(TOP, key, at - key, hash);
    const keyEnd = at;
    const quoted = at + 1 < end && load<u8>(at, 1) === QUOTE;
    const start = at + (quoted ? 2 : 1);
    at = valueEnd(at + 1, end);
    if (at === 0) return false;
    const stop = quoted ? at - 1 : at;
    if (entry !== null && !into.take(entry, TEXT, start, stop, 0)) return false;
    if (counts && (entry === null || entry.role < 0)) countKey(key, keyEnd - key, hash, start, stop);
    const next = skipBlanks(at, end);
    if (next === at && at < end) return false;
    at = next;
  }
  return count > 0;
}

/** Where a value ends, behind its quotes if it has some; 0 where only the host can tell. */
function valueEnd(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) === QUOTE) {
    for (at++; at < end; at++) {
      if (load<u8>(at) === QUOTE) return at + 1;
      if (load<u8>(at) === BACKSLASH) return 0;
    }
    return 0;
  }
  while (at < end && load<u8>(at) > 0x20) {
    const byte = <u32>load<u8>(at);
    if (byte === QUOTE || byte > 0x7f) return 0;
    at++;
  }
  // A control character is no blank, and part of a value.
  return at === end || isBlank(load<u8>(at)) ? at : 0;
}

function isKeyThere(hash: u64, count: u32): bool {
  for (let at: u32 = 0; at < count; at++) if (load<u64>(keys + ((<usize>at) << 3)) === hash) return true;
  return false;
}

/** Visible ASCII, and neither `"` nor `=`. */
function isKeyByte(byte: u32): bool {
  return isVisible(byte) && byte !== QUOTE && byte !== EQUALS;
}

function skipBlanks(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) <= 0x20) at++;
  return at;
}
