import { digitsEnd, isDigit, isWord } from './ascii';
import { twoDigits } from './calendar';

/*
 * Times of day, with or without a date, that messages begin with: what a program wrote of itself before another put its
 * message into an object.
 */

const COLON: u32 = 0x3a;
const DATE: usize = 10;
const CLOCK: usize = 8;
const MOST_DIGITS: usize = 9;

/**
 * Where a time ends: `hh:mm:ss`, behind `yyyy-mm-dd` or `yyyy/mm/dd` and a `T` or a blank or not, before a point or comma with
 * up to nine digits, and a zone (`Z`, `+hhmm`, `+hh:mm`), or not. 0 where there is none, or a word goes on from it.
 */
export function timeEnd(at: usize, end: usize): usize {
  if (at === end || !isDigit(load<u8>(at))) return 0;
  if (at + DATE + 1 + CLOCK <= end && isDate(at)) at += DATE + 1;
  if (at + CLOCK > end || !isClock(at)) return 0;
  at = fractionEnd(at + CLOCK, end);
  at = zoneEnd(at, end);
  return at < end && isWord(load<u8>(at)) ? 0 : at;
}

function isDate(at: usize): bool {
  const separator = <u32>load<u8>(at, 4);
  if ((separator !== 0x2d && separator !== 0x2f) || load<u8>(at, 7) !== separator) return false;
  const behind = <u32>load<u8>(at, DATE);
  if (behind !== 0x20 && behind !== 0x54) return false;
  return (twoDigits(at) | twoDigits(at + 2) | twoDigits(at + 5) | twoDigits(at + 8)) >= 0;
}

function isClock(at: usize): bool {
  if (load<u8>(at, 2) !== COLON || load<u8>(at, 5) !== COLON) return false;
  return (twoDigits(at) | twoDigits(at + 3) | twoDigits(at + 6)) >= 0;
}

function fractionEnd(at: usize, end: usize): usize {
  if (at === end || (load<u8>(at) !== 0x2e && load<u8>(at) !== 0x2c)) return at;
  const digits = at + 1;
  const behind = digitsEnd(digits, min(digits + MOST_DIGITS, end));
  return behind === digits ? at : behind;
}

function zoneEnd(at: usize, end: usize): usize {
  if (at === end) return at;
  const sign = <u32>load<u8>(at);
  if (sign === 0x5a) return at + 1;
  if ((sign !== 0x2b && sign !== 0x2d) || at + 5 > end || twoDigits(at + 1) < 0) return at;
  const minutes = load<u8>(at, 3) === COLON ? at + 4 : at + 3;
  return minutes + 2 <= end && twoDigits(minutes) >= 0 ? minutes + 2 : at;
}
