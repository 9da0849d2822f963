/*
 * Classes of ASCII; every other byte, and every larger code of a character, is in none of them.
 */

export function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9;
}

export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 <= 25;
}

export function isCapital(byte: u32): bool {
  return byte - 0x41 <= 25;
}

/** A letter, a digit or `_`. */
export function isWord(byte: u32): bool {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f;
}

/** A space, a tab, and what ends lines and pages. */
export function isBlank(byte: u32): bool {
  return byte === 0x20 || byte - 0x09 <= 4;
}

export function isVisible(byte: u32): bool {
  return byte - 0x21 <= 0x5d;
}

export function digitsEnd(at: usize, end: usize): usize {
  while (at < end && isDigit(load<u8>(at))) at++;
  return at;
}

export function visibleEnd(at: usize, end: usize): usize {
  while (at < end && isVisible(load<u8>(at))) at++;
  return at;
}
