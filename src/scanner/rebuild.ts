import { equal } from './bytes';
import {
  bytesColumn,
  column,
  ends,
  FIRST_PROMOTED,
  flags,
  MARKS,
  MESSAGE_TIME,
  messageColumn,
  messageTimeColumn,
  promoted,
  restColumn,
  rows,
  starts,
  times,
  WHOLE,
} from './group';
import { COLUMN_MARK, INNER_MESSAGE_MARK, MARK_BASE, MESSAGE_MARK, PLAIN_MESSAGE_MARK, TIME_MARK } from './holes';
import { reserve } from './memory';
import { writeTime } from './times';

/*
 * Reads the rows back from the columns, fills the marks and compares what comes out with the bytes of the events.
 */

/** Where the comparison is in the event, and its end; past it nothing is equal any more. */
let at: usize = 0;
let end: usize = 0;
/** Room for the text of a time, and for an escape. */
let scratch: usize = 0;

export function startRebuild(): void {
  scratch = reserve(64);
}

/** The first row that differs from its event; -1 where none does. */
export function firstDifferentRow(): i32 {
  for (let number = 0; number < FIRST_PROMOTED + promoted; number++) column(number).rewind();
  messageColumn().rewind();
  restColumn().rewind();
  bytesColumn().rewind();
  messageTimeColumn().rewind();
  for (let row: u32 = 0; row < rows; row++) if (!isRowEqual(row)) return <i32>row;
  return -1;
}

function isRowEqual(row: u32): bool {
  for (let number = 0; number < FIRST_PROMOTED + promoted; number++) column(number).read(row);
  const message = messageColumn();
  const rest = restColumn();
  const bytes = bytesColumn();
  message.read(row);
  rest.read(row);
  bytes.read(row);
  messageTimeColumn().read(row);
  at = <usize>load<u32>(starts + ((<usize>row) << 2));
  end = <usize>load<u32>(ends + ((<usize>row) << 2));
  const rowFlags = load<u32>(flags + ((<usize>row) << 2));
  const time = load<i64>(times + ((<usize>row) << 3));
  if (bytes.value !== 0) return rest.value === 0 && same(bytes.value, bytes.valueLength) && at === end;
  if (rest.value === 0) return false;
  if ((rowFlags & WHOLE) !== 0) return same(rest.value, rest.valueLength) && at === end;
  return fill(rest.value, rest.valueLength, time, rowFlags) && at === end;
}

function same(text: usize, length: usize): bool {
  if (at + length > end || !equal(at, text, length)) return false;
  at += length;
  return true;
}

/**
 * Goes on in the event as far as it has the bytes of [from, to): where there the first is that it has not, or the first
 * mark where such count; `to` where it has all.
 */
function samePart(from: usize, to: usize, marks: bool): usize {
  const two = i8x16.splat(2);
  const most = i8x16.splat(4);
  const counted = i8x16.splat(marks ? -1 : 0);
  const ahead = at - from;
  let stop = min(to, from + (end - at));
  for (let next = from; next < stop; next += 16) {
    const text = v128.load(next);
    const others = i8x16.ne(text, v128.load(next + ahead));
    const found = <u32>i8x16.bitmask(v128.or(others, v128.and(i8x16.le_u(i8x16.sub(text, two), most), counted)));
    if (found === 0) continue;
    stop = min(next + <usize>ctz<u32>(found), stop);
    break;
  }
  at = stop + ahead;
  return stop;
}

/** The same, and the first character that is escaped in JSON stops it; among these are all marks. */
function samePlainPart(from: usize, to: usize): usize {
  const quotes = i8x16.splat(0x22);
  const slashes = i8x16.splat(0x5c);
  const controls = i8x16.splat(0x20);
  const ahead = at - from;
  let stop = min(to, from + (end - at));
  for (let next = from; next < stop; next += 16) {
    const text = v128.load(next);
    const others = i8x16.ne(text, v128.load(next + ahead));
    const escaped = v128.or(v128.or(i8x16.eq(text, quotes), i8x16.eq(text, slashes)), i8x16.lt_u(text, controls));
    const found = <u32>i8x16.bitmask(v128.or(others, escaped));
    if (found === 0) continue;
    stop = min(next + <usize>ctz<u32>(found), stop);
    break;
  }
  at = stop + ahead;
  return stop;
}

function fill(rest: usize, length: usize, time: i64, rowFlags: u32): bool {
  const stop = rest + length;
  while (rest < stop) {
    const mark = samePart(rest, stop, true);
    if (mark === stop) return true;
    const kind = <u32>load<u8>(mark);
    rest = mark + 1;
    if (kind === MESSAGE_MARK || kind === INNER_MESSAGE_MARK || kind === PLAIN_MESSAGE_MARK) {
      const escapes: u32 = kind === MESSAGE_MARK ? 1 : kind === INNER_MESSAGE_MARK ? 2 : 0;
      if (!fillMessage(time, (rowFlags & MARKS) !== 0, escapes)) return false;
    } else {
      if (!fillValue(kind, load<u8>(rest), time)) return false;
      rest++;
    }
  }
  return true;
}

function fillValue(kind: u32, index: u8, time: i64): bool {
  const number = <i32>index - <i32>MARK_BASE;
  if (number < 0) return false;
  if (kind === TIME_MARK) return same(scratch, writeTime(scratch, time, number));
  if (kind !== COLUMN_MARK || (number >= FIRST_PROMOTED + promoted && number !== MESSAGE_TIME)) return false;
  const from = number === MESSAGE_TIME ? messageTimeColumn() : column(number);
  return from.value !== 0 && same(from.value, from.valueLength);
}

/** The message, its marks filled, escaped so many times. */
function fillMessage(time: i64, marks: bool, escapes: u32): bool {
  const message = messageColumn();
  let from = message.value;
  const stop = from + message.valueLength;
  if (from === 0) return false;
  while (from < stop) {
    const part = escapes === 0 ? samePart(from, stop, marks) : samePlainPart(from, stop);
    if (part === stop) return true;
    const byte = <u32>load<u8>(part);
    if (marks && byte - 2 <= 4) {
      if (!fillValue(byte, load<u8>(part, 1), time)) return false;
      from = part + 2;
    } else {
      const isEscaped = byte === 0x22 || byte === 0x5c || byte < 0x20;
      if (escapes === 0 || !isEscaped || !same(scratch, writeEscape(byte, escapes))) return false;
      from = part + 1;
    }
  }
  return true;
}

/** The escape of a character in `scratch`: its length. Of `"`, escaped twice: `\\\"`. */
function writeEscape(character: u32, escapes: u32): usize {
  let to = scratch;
  store<u8>(to++, 0x5c);
  if (escapes === 2) store<u8>(to++, 0x5c);
  if (character === 0x22 || character === 0x5c) {
    if (escapes === 2) store<u8>(to++, 0x5c);
    store<u8>(to++, <u8>character);
    return to - scratch;
  }
  const letter = letterOf(character);
  if (letter !== 0) {
    store<u8>(to++, <u8>letter);
    return to - scratch;
  }
  store<u8>(to++, 0x75);
  store<u16>(to, 0x3030);
  store<u8>(to, <u8>(0x30 + (character >>> 4)), 2);
  const low = character & 15;
  store<u8>(to, <u8>(low < 10 ? 0x30 + low : 0x57 + low), 3);
  return to + 4 - scratch;
}

function letterOf(character: u32): u32 {
  if (character === 0x0a) return 0x6e;
  if (character === 0x09) return 0x74;
  if (character === 0x0d) return 0x72;
  if (character === 0x08) return 0x62;
  return character === 0x0c ? 0x66 : 0;
}
