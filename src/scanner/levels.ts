import { hashOf, isWord } from './bytes';
import { Claim, TEXT, WHOLE_NUMBER } from './claims';
import { Entry, findWord } from './dictionary';
import { isAscii } from './utf8';

/** Spaces of the dictionary: the words of a level, and those in capitals that are one wherever they stand. */
export const LEVEL_WORDS: i32 = 1000;
export const CAPITAL_WORDS: i32 = 1001;

/** The number of UNKNOWN. */
export const UNKNOWN: i32 = 0;
/** What the scanner cannot tell. */
export const UNSURE: i32 = -1;
/** In a table of numbers: none. */
const NO_LEVEL: i32 = 255;

/** How far into a message a level is looked for, in UTF-16 units: as many bytes, where all are ASCII. */
const HEAD: usize = 160;
const SHORTEST_CAPITALS: usize = 3;
const LONGEST_CAPITALS: usize = 8;

/** The level that the best claim says; UNSURE where it says none, for then the next one counts. */
export function levelOf(claim: Claim): i32 {
  if (claim.kind === TEXT) {
    const word = findWord(LEVEL_WORDS, claim.start, claim.length, hashOf(claim.start, claim.length));
    if (word !== null) return word.role;
  } else if (claim.kind !== WHOLE_NUMBER) return UNSURE;
  const table = changetype<Entry>(claim.name).numbers;
  if (claim.length === 0 || claim.length > 3) return UNSURE;
  let number: u32 = 0;
  for (let at = claim.start; at < claim.end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) return UNSURE;
    number = number * 10 + digit;
  }
  if (number > 255) return UNSURE;
  const level = <i32>load<u8>(table + <usize>number);
  return level === NO_LEVEL ? UNSURE : level;
}

/**
 * The level whose word stands in the head of a message, as `findLevel` of the host finds it; UNSURE where only that
 * can tell: a head that is not ASCII, or that may have a level in brackets or at its very start.
 */
export function levelInHead(at: usize, length: usize): i32 {
  const end = at + min(length, HEAD);
  if (!isAscii(at, end) || mayStartWithLevel(at, end)) return UNSURE;
  const found = capitals(at, end);
  if (found !== UNKNOWN) return found;
  return mayBeMarked(at, end) ? UNSURE : UNKNOWN;
}

/** A word at the start, and behind it `:`, `|`, a tab, or blanks and `-` or `|`. */
function mayStartWithLevel(at: usize, end: usize): bool {
  while (at < end && (load<u8>(at) === 0x20 || <u32>load<u8>(at) - 0x09 <= 4)) at++;
  const first = at;
  while (at < end && (<u32>load<u8>(at) | 0x20) - 0x61 <= 25) at++;
  if (at === first || at === end) return false;
  const next = load<u8>(at);
  return next === 0x3a || next === 0x7c || next === 0x20 || <u32>next - 0x09 <= 4 ? mayEndLevel(at, end) : false;
}

function mayEndLevel(at: usize, end: usize): bool {
  while (at < end && (load<u8>(at) === 0x20 || <u32>load<u8>(at) - 0x09 <= 4)) {
    if (load<u8>(at) === 0x09) return true;
    at++;
  }
  return at < end && (load<u8>(at) === 0x3a || load<u8>(at) === 0x7c || load<u8>(at) === 0x2d);
}

/** The first run of letters, digits and `_./$-` that is such a word. */
function capitals(at: usize, end: usize): i32 {
  while (at < end) {
    while (at < end && !isRunByte(load<u8>(at))) at++;
    const first = at;
    let upper = true;
    while (at < end && isRunByte(load<u8>(at))) {
      upper = upper && <u32>load<u8>(at) - 0x41 <= 25;
      at++;
    }
    const length = at - first;
    if (!upper || length < SHORTEST_CAPITALS || length > LONGEST_CAPITALS) continue;
    const word = findWord(CAPITAL_WORDS, first, length, hashOf(first, length));
    if (word !== null) return word.role;
  }
  return UNKNOWN;
}

function isRunByte(byte: u32): bool {
  return isWord(byte) || byte === 0x2e || byte === 0x2f || byte === 0x24 || byte === 0x2d;
}

/** Behind a bracket, or behind `level`, `lvl` or `severity`. */
function mayBeMarked(at: usize, end: usize): bool {
  for (let before: u32 = 0; at < end; at++) {
    const byte = <u32>load<u8>(at) | 0x20;
    // `[` and `{` are one here, and `<` and `(` stand for themselves.
    if (byte === 0x7b || byte === 0x3c || byte === 0x28) return true;
    if (byte === 0x76 && (before === 0x65 || before === 0x6c) && at + 1 < end) {
      const next = <u32>load<u8>(at, 1) | 0x20;
      if (next === before) return true;
    }
    before = byte;
  }
  return false;
}
