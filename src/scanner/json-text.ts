import { digitsEnd, isDigit, isWord } from './ascii';

/*
 * The words of JSON (RFC 8259), strictly. Each function takes where a word begins and gives where it ends, 0 where it
 * is none.
 */

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/** What escapes the last string had. */
const ESCAPED: u32 = 1;
/** One that the common way of writing would not have made: `\/`, `é`, `\u000A`. */
export const ODD_ESCAPE: u32 = 2;
/** Half of a surrogate pair alone. */
export const LONE_SURROGATE: u32 = 4;

/** Of the last string. */
export let escapes: u32 = 0;
/** Gathered over all strings until the host of these words sets them back. */
export let backslash: bool = false;
export let unicodeEscape: bool = false;
/** A `\u` stood for a letter, a digit or `_` of ASCII. */
export let wordEscape: bool = false;
export let lineFeed: bool = false;

export function forgetEscapes(): void {
  backslash = false;
  unicodeEscape = false;
  wordEscape = false;
  lineFeed = false;
}

/** The closing quote of the string whose inside begins at `at`. */
export function stringEnd(at: usize, end: usize): usize {
  escapes = 0;
  const quotes = i8x16.splat(0x22);
  const backslashes = i8x16.splat(0x5c);
  const controls = i8x16.splat(0x20);
  while (at < end) {
    const bytes = v128.load(at);
    const stops = <u32>(
      i8x16.bitmask(
        v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)), i8x16.lt_u(bytes, controls)),
      )
    );
    if (stops === 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz<u32>(stops);
    if (at >= end) return 0;
    const stop = <u32>load<u8>(at);
    if (stop === QUOTE) return at;
    if (stop !== BACKSLASH) return 0;
    at = escapeEnd(at, end);
    if (at === 0) return 0;
  }
  return 0;
}

function escapeEnd(at: usize, end: usize): usize {
  escapes |= ESCAPED;
  backslash = true;
  const letter = <u32>load<u8>(at, 1);
  if (letter === 0x75) return unicodeEnd(at, end);
  if (letter === BACKSLASH) {
    const next = <u32>load<u8>(at, 2) | 0x20;
    // A search for `\u` in the line's bytes finds this one too.
    if (next === 0x75) unicodeEscape = true;
  } else if (letter === 0x2f) escapes |= ODD_ESCAPE;
  else if (
    letter !== QUOTE &&
    letter !== 0x6e &&
    letter !== 0x74 &&
    letter !== 0x72 &&
    letter !== 0x62 &&
    letter !== 0x66
  ) {
    return 0;
  }
  return at + 2;
}

function unicodeEnd(at: usize, end: usize): usize {
  if (at + 6 > end) return 0;
  const code = hex4(at + 2);
  if (code < 0) return 0;
  unicodeEscape = true;
  if (isWord(<u32>code)) wordEscape = true;
  if (!isCommon(at, <u32>code)) escapes |= ODD_ESCAPE;
  if (code < 0xd800 || code > 0xdfff) return at + 6;
  if (code > 0xdbff || at + 12 > end || load<u16>(at, 6) !== 0x755c || !isLow(hex4(at + 8))) {
    escapes |= LONE_SURROGATE;
    return at + 6;
  }
  return at + 12;
}

function isLow(code: i32): bool {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** `\u00xx` in lower case of a control character that has no letter of its own. */
function isCommon(at: usize, code: u32): bool {
  if (code >= 0x20 || (code >= 8 && code <= 13 && code !== 11)) return false;
  return load<u8>(at, 5) < 0x41 || load<u8>(at, 5) >= 0x61;
}

/** The number of four hexadecimal digits; -1 where there are none. */
export function hex4(at: usize): i32 {
  let code: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const digit = <u32>load<u8>(at + i);
    if (isDigit(digit)) code = (code << 4) | <i32>(digit - 0x30);
    else if ((digit | 0x20) - 0x61 <= 5) code = (code << 4) | <i32>((digit | 0x20) - 0x57);
    else return -1;
  }
  return code;
}

/** Whether the last number was a whole one without exponent, and not -0. */
export let whole: bool = false;

export function numberEnd(at: usize, end: usize): usize {
  const start = at;
  if (at < end && load<u8>(at) === 0x2d) at++;
  const first = at;
  at = digitsEnd(at, end);
  if (at === first || (load<u8>(first) === 0x30 && at > first + 1)) return 0;
  whole = !(first > start && load<u8>(first) === 0x30);
  if (at < end && load<u8>(at) === 0x2e) {
    const fraction = at + 1;
    at = digitsEnd(fraction, end);
    if (at === fraction) return 0;
    whole = false;
  }
  if (at < end && (load<u8>(at) | 0x20) === 0x65) {
    at++;
    if (at < end && (load<u8>(at) === 0x2b || load<u8>(at) === 0x2d)) at++;
    const exponent = at;
    at = digitsEnd(exponent, end);
    if (at === exponent) return 0;
    whole = false;
  }
  return at;
}

/** `true`, `false` or `null`. */
export function wordEnd(at: usize, end: usize): usize {
  const word = load<u32>(at);
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4 <= end ? at + 4 : 0;
  if (word === 0x736c6166 && load<u8>(at, 4) === 0x65) return at + 5 <= end ? at + 5 : 0;
  return 0;
}

/** Behind blanks, tabs and line ends; may be the end. */
export function skipBlanks(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d) continue;
    if (byte !== 0x0a) break;
    lineFeed = true;
  }
  return at;
}

/** Whether an object begins behind blanks and control characters, or what may be a blank in another script. */
export function mayBeObject(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) <= 0x20) at++;
  return at < end && (load<u8>(at) === 0x7b || load<u8>(at) > 0x7f);
}
