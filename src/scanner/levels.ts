import { isBlank, isCapital, isLetter, isWord } from './ascii';
import { hashOf } from './bytes';
import { Claim, TEXT, WHOLE_NUMBER } from './claims';
import { Entry, findWord } from './dictionary';
import { findLevel } from './host';
import { asciiEnd } from './utf8';

/** Spaces of the dictionary: the words of a level, and those in capitals that are one wherever they stand. */
export const LEVEL_WORDS: i32 = 1000;
export const CAPITAL_WORDS: i32 = 1001;

/** The number of UNKNOWN. */
export const UNKNOWN: i32 = 0;
export const DEBUG: i32 = 5;
export const INFO: i32 = 9;
export const WARN: i32 = 13;
export const ERROR: i32 = 17;
export const FATAL: i32 = 21;
/** What the scanner cannot tell. */
export const UNSURE: i32 = -1;
/** What the host finds where a level should stand, and is none. */
export const OTHER_WORD: i32 = -2;
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

/** The level whose word stands in the head of a message; UNKNOWN where there is none. */
export function levelOfMessage(at: usize, length: usize): i32 {
  const level = levelInHead(at, length);
  if (level !== UNSURE) return level;
  return max(findLevel(at, length), UNKNOWN);
}

/**
 * The level whose word stands in the head of a message, as `findLevel` of the host finds it; UNSURE where only that
 * can tell: a head that is not ASCII, or that may have a level in brackets or at its very start.
 */
export function levelInHead(at: usize, length: usize): i32 {
  const head = at + min(length, HEAD);
  const end = asciiEnd(at, head);
  const isWhole = end === head;
  if ((end === at && !isWhole) || mayStartWithLevel(at, end)) return UNSURE;
  // Behind a word of capitals that ends before them, other characters do not matter.
  const found = capitals(at, end, isWhole);
  if (found !== UNKNOWN) return found;
  return !isWhole || mayBeMarked(at, end) ? UNSURE : UNKNOWN;
}

/** A word at the start, and behind it `:`, `|`, a tab, or blanks and `-` or `|`. */
function mayStartWithLevel(at: usize, end: usize): bool {
  while (at < end && isBlank(load<u8>(at))) at++;
  const first = at;
  while (at < end && isLetter(load<u8>(at))) at++;
  if (at === first || at === end) return false;
  if (!isLevelAtStart(first, at - first)) return false;
  const next = load<u8>(at);
  return next === 0x3a || next === 0x7c || isBlank(next) ? mayEndLevel(at, end) : false;
}

function mayEndLevel(at: usize, end: usize): bool {
  while (at < end && isBlank(load<u8>(at))) {
    if (load<u8>(at) === 0x09) return true;
    at++;
  }
  return at < end && (load<u8>(at) === 0x3a || load<u8>(at) === 0x7c || load<u8>(at) === 0x2d);
}

/** Letters that may be a word that counts at the start of a text: `warning` and `critical` by their first four. */
function isLevelAtStart(at: usize, length: usize): bool {
  if (length < 4 || length > 8) return false;
  const head = load<u32>(at) | 0x20202020;
  return (
    head === 0x63617274 || // trac
    head === 0x75626564 || // debu
    head === 0x6f666e69 || // info
    head === 0x69746f6e || // noti
    head === 0x6e726177 || // warn
    head === 0x6f727265 || // erro
    head === 0x61746166 || // fata
    head === 0x74697263 || // crit
    head === 0x696e6170 // pani
  );
}

/** The first run of letters, digits and `_./$-` that is such a word; at the very end only where `isWhole`. */
function capitals(at: usize, end: usize, isWhole: bool): i32 {
  if (!hasCapitals(at, end)) return UNKNOWN;
  while (at < end) {
    while (at < end && !isRunByte(load<u8>(at))) at++;
    const first = at;
    let upper = true;
    while (at < end && isRunByte(load<u8>(at))) {
      upper = upper && isCapital(load<u8>(at));
      at++;
    }
    const length = at - first;
    if (!upper || length < SHORTEST_CAPITALS || length > LONGEST_CAPITALS || (at === end && !isWhole)) continue;
    const word = findWord(CAPITAL_WORDS, first, length, hashOf(first, length));
    if (word !== null) return word.role;
  }
  return UNKNOWN;
}

/** Whether as many capitals follow each other as the shortest word has; perhaps behind the end. */
function hasCapitals(at: usize, end: usize): bool {
  // Blocks overlap, so that none is missed which lies over the end of one.
  for (; at < end; at += 14) {
    const others = i8x16.sub(v128.load(at), i8x16.splat(0x41));
    const bits = <u32>i8x16.bitmask(i8x16.le_u(others, i8x16.splat(25)));
    if ((bits & (bits >> 1) & (bits >> 2)) !== 0) return true;
  }
  return false;
}

function isRunByte(byte: u32): bool {
  return isWord(byte) || byte === 0x2e || byte === 0x2f || byte === 0x24 || byte === 0x2d;
}

/** Behind a bracket, or behind `level`, `lvl` or `severity`. */
function mayBeMarked(at: usize, end: usize): bool {
  const start = at;
  for (; at < end; at += 16) {
    const bytes = v128.or(v128.load(at), i8x16.splat(0x20));
    const there: u32 = end - at < 16 ? (1 << (<u32>(end - at))) - 1 : 0xffff;
    // `[` and `{` are one here, and `<` and `(` stand for themselves.
    const square = i8x16.eq(bytes, i8x16.splat(0x7b));
    const angle = i8x16.eq(bytes, i8x16.splat(0x3c));
    const round = i8x16.eq(bytes, i8x16.splat(0x28));
    let brackets = <u32>i8x16.bitmask(v128.or(v128.or(square, angle), round)) & there;
    for (; brackets !== 0; brackets &= brackets - 1) {
      if (mayBeWord(at + <usize>ctz<u32>(brackets) + 1, end)) return true;
    }
    let vs = <u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x76))) & there;
    for (; vs !== 0; vs &= vs - 1) {
      const v = at + <usize>ctz<u32>(vs);
      if (v > start && v + 1 < end && isBetweenEqual(v)) return true;
    }
  }
  return false;
}

/** Behind a bracket the word of a level, perhaps behind a module's name and a colon. */
function mayBeWord(at: usize, end: usize): bool {
  while (at < end && isBlank(load<u8>(at))) at++;
  const word = at;
  while (at < end && isWord(load<u8>(at))) at++;
  // Cut by the end of the head, or behind a blank of another script: the host knows.
  if (at >= end || load<u8>(word) > 0x7f || isMarkedWord(word, at - word)) return true;
  return at > word && load<u8>(at) === 0x3a && mayBeModules(at + 1, end);
}

function mayBeModules(word: usize, end: usize): bool {
  let at = word;
  while (at < end && isWord(load<u8>(at))) at++;
  return at >= end || isMarkedWord(word, at - word);
}

/** One of the letters, or what may be one of the words by its first three. */
function isMarkedWord(at: usize, length: usize): bool {
  const head = load<u32>(at) | 0x20202020;
  if (length === 1) {
    const letter = head & 0xff;
    // `t`, `d`, `i`, `w`, `e`, `f`
    return (
      letter === 0x74 || letter === 0x64 || letter === 0x69 || letter === 0x77 || letter === 0x65 || letter === 0x66
    );
  }
  if (length < 3) return false;
  switch (head & 0xffffff) {
    // `tra`, `deb`, `inf`, `not`
    case 0x617274:
    case 0x626564:
    case 0x666e69:
    case 0x746f6e:
    // `war`, `err`, `fat`, `cri`
    case 0x726177:
    case 0x727265:
    case 0x746166:
    case 0x697263:
    // `ale`, `eme`, `pan`
    case 0x656c61:
    case 0x656d65:
    case 0x6e6170:
      return true;
    default:
      return false;
  }
}

/** `eve` and `lvl`: of `level`, `severity` and `lvl`. */
function isBetweenEqual(at: usize): bool {
  const before = <u32>load<u8>(at - 1) | 0x20;
  return (before === 0x65 || before === 0x6c) && (<u32>load<u8>(at, 1) | 0x20) === before;
}
