import { digitsEnd, isBlank, isCapital, isDigit, isLetter, isWord } from './ascii';
import { hashOf } from './bytes';
import { findWord } from './dictionary';
import { findLevel } from './host';
import { CAPITAL_WORDS, LEVEL_WORDS, levelInHead, OTHER_WORD, UNKNOWN, UNSURE } from './levels';
import { textEvent } from './text-event';
import { readTextTime } from './text-times';

/*
 * Lines of text as `parsePlain` of the host reads them: the message is the whole line; a time at its start and a level
 * in its head are found. Only dates of digits are read here, and lines that surely begin with no time.
 */

/** UTF-16 units, of at most three bytes. */
const HEAD: usize = 160;
const MOST_BYTES: usize = 3;
const DATE_AND_TIME: usize = 19;
const DASH: u32 = 0x2d;
const SLASH: u32 = 0x2f;

export function readPlain(at: usize, end: usize, utc: bool, received: i64): bool {
  textEvent.message = at;
  const first = <u32>load<u8>(at);
  const time = first === 0x5b || first === 0x28 ? at + 1 : at;
  if (time === end) return false;
  const start = <u32>load<u8>(time);
  if (!isDigit(start)) return !mayHaveTime(time, end) && readLevel(at, at, end);
  const dash = <u32>load<u8>(time, 4);
  if (time + DATE_AND_TIME > end || (dash !== DASH && dash !== SLASH)) return false;
  const behind = timeEnd(time, end);
  return behind !== 0 && readTextTime(time, behind, dash, utc, received) && readLevel(at, behind, end);
}

/** Where a date and time of day ends, with its zone; 0 where only the host can tell. */
function timeEnd(at: usize, end: usize): usize {
  at += DATE_AND_TIME;
  if (at === end) return at;
  const mark = load<u8>(at);
  if (at + 1 < end && isDigit(load<u8>(at, 1))) {
    if (mark === 0x3a) return 0;
    if (mark === 0x2e || mark === 0x2c) for (at++; at < end && isDigit(load<u8>(at)); ) at++;
  }
  if (at === end) return at;
  const zone = <u32>load<u8>(at);
  if (zone === 0x5a) return at + 1;
  if (zone === 0x2b || zone === DASH) return offsetEnd(at, end);
  if (isLetter(zone)) return 0;
  return zone === 0x20 && mayBeZone(at + 1, end) ? 0 : at;
}

/** Of `+hhmm` and `+hh:mm`, and of a sign that no digit follows. */
function offsetEnd(at: usize, end: usize): usize {
  let next = at + 1;
  if (next === end || !isDigit(load<u8>(next))) return at;
  next = digitsEnd(next, end);
  const digits = next - at - 1;
  if (digits === 2 && next + 3 <= end && load<u8>(next) === 0x3a) {
    next++;
    const minutes = next;
    next = digitsEnd(next, end);
    if (next - minutes !== 2) return 0;
  } else if (digits !== 4) return 0;
  // The name of the zone may follow.
  return next < end && load<u8>(next) === 0x5b ? 0 : next;
}

/** A number with its sign, or two to four capitals that are no word of a level. */
function mayBeZone(at: usize, end: usize): bool {
  const first = at;
  if (at + 1 < end && (load<u8>(at) === 0x2b || load<u8>(at) === DASH)) return isDigit(load<u8>(at, 1));
  while (at < end && isCapital(load<u8>(at))) at++;
  const length = at - first;
  if (length < 2 || length > 4 || (at < end && isWord(load<u8>(at)))) return false;
  return findWord(CAPITAL_WORDS, first, length, hashOf(first, length)) === null;
}

/**
 * Whether a text that begins with no digit may have a time all the same: behind a level, or with the name of a day or
 * of a month. `word`: where it begins, behind a bracket.
 */
function mayHaveTime(word: usize, end: usize): bool {
  let next = word;
  while (next < end && isLetter(load<u8>(next))) next++;
  const letters = next - word;
  if (letters === 0) return false;
  const behind = skip(next, end);
  if (behind > next && behind < end && isDigit(load<u8>(behind))) return true;
  if (!isCapital(load<u8>(word)) || letters < 3 || letters > 9) return false;
  // The day, and the month behind it.
  return behind + 4 <= end && isCapital(load<u8>(behind)) && load<u8>(behind, 3) === 0x20;
}

/** What may stand between a word and a time. */
function skip(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    // `( ) , : [ ] |` and blanks.
    if (byte !== 0x20 && byte !== 0x28 && byte !== 0x29 && byte !== 0x2c && byte !== 0x3a && byte !== 0x7c) {
      if (byte !== 0x5b && byte !== 0x5d) break;
    }
  }
  return at;
}

/** `behind`: behind the time, or the start where there is none. */
function readLevel(at: usize, behind: usize, end: usize): bool {
  if (behind > at) {
    const word = levelBehindTime(behind, end);
    if (word === UNSURE) return false;
    textEvent.level = word;
    if (word !== UNKNOWN) return true;
  }
  const level = sureLevel(behind, end);
  textEvent.level = level;
  if (level !== UNKNOWN || behind === at) return level !== UNSURE;
  // Nothing behind the time: the whole message is asked, whose head ends earlier, perhaps inside a word.
  return end - at <= HEAD || sureLevel(at, end) === UNKNOWN;
}

/** A word for a level that is none is a field of its own to the host: it has to look itself. */
function sureLevel(at: usize, end: usize): i32 {
  const level = levelInHead(at, end - at);
  if (level !== UNSURE) return level;
  const found = findLevel(at, end - at);
  return found === OTHER_WORD ? UNSURE : found;
}

/** The word behind a time, as `levelBehindTime` of the host finds it: UNKNOWN where there is none. */
function levelBehindTime(at: usize, end: usize): i32 {
  const head = min(at + HEAD, end);
  if (at < end && load<u8>(at) === 0x5d) {
    // `] channel.LEVEL: `
    let dot = at + 1;
    while (dot < head && isBlank(load<u8>(dot))) dot++;
    if (dot < head && load<u8>(dot) > 0x7f) return UNSURE;
    while (dot < head && (isWord(load<u8>(dot)) || load<u8>(dot) === DASH)) dot++;
    if (dot < head && load<u8>(dot) === 0x2e) return UNSURE;
  } else {
    const level = wordBehindTime(at, head);
    if (level !== UNKNOWN) return level;
  }
  // PostgreSQL has two blanks behind the word and its colon.
  const last = min(at + HEAD * MOST_BYTES, end);
  for (let next = at; next + 3 <= last; next++) {
    if (load<u8>(next) === 0x3a && load<u16>(next, 1) === 0x2020) return UNSURE;
  }
  return UNKNOWN;
}

function wordBehindTime(at: usize, head: usize): i32 {
  const blanks = at;
  while (at < head && isBlank(load<u8>(at))) at++;
  if (at < head && load<u8>(at) > 0x7f) return UNSURE;
  const word = at;
  while (at < head && isLetter(load<u8>(at))) at++;
  if (word === blanks || at === word || at === head) return UNKNOWN;
  const next = load<u8>(at);
  if (next > 0x7f) return UNSURE;
  if (!isBlank(next) || !isLevelWord(word, at - word)) return UNKNOWN;
  const known = findWord(LEVEL_WORDS, word, at - word, hashOf(word, at - word));
  return known === null ? UNSURE : known.role;
}

/** trace, debug, info, warn, warning, error, fatal or critical, in any case. */
function isLevelWord(at: usize, length: usize): bool {
  if (length < 4 || length > 8) return false;
  const head = load<u32>(at) | 0x20202020;
  const rest = (load<u32>(at, 4) | 0x20202020) & (length === 8 ? -1 : <u32>((1 << ((<u32>length - 4) << 3)) - 1));
  switch (head) {
    // info
    case 0x6f666e69:
      return length === 4;
    // warn, warning
    case 0x6e726177:
      return length === 4 || (length === 7 && rest === 0x676e69);
    // trace
    case 0x63617274:
      return length === 5 && rest === 0x65;
    // debug
    case 0x75626564:
      return length === 5 && rest === 0x67;
    // error
    case 0x6f727265:
      return length === 5 && rest === 0x72;
    // fatal
    case 0x61746166:
      return length === 5 && rest === 0x6c;
    // critical
    case 0x74697263:
      return length === 8 && rest === 0x6c616369;
    default:
      return false;
  }
}
