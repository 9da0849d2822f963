import { mayBeAccess, readAccess } from './access';
import { isWord } from './bytes';
import { ACCESS, Context, DETECT, OTHER, PLAIN, SYSLOG } from './group';
import { LONGEST } from './line';
import { readPlain } from './plain';
import { readSyslog } from './syslog';
import { clearTextEvent } from './text-event';
import { isSyslogTime } from './text-times';
import { isUtf8 } from './utf8';

/*
 * Reads a line of text as the record that the host's parser makes of it, or gives up: never a guess. Which format a
 * line has is found as `detectLine` of the host finds it.
 */

/** Shorter lines are not taken apart: fewer than four characters stay in them. */
const SHORTEST: usize = 16;

/** Of the last line: bytes above 0x7f, backslashes, and `\u` or `\U` among them. */
export let textNonAscii: bool = false;
export let textBackslash: bool = false;
export let textUnicodeEscape: bool = false;

/** Whether the scanner is sure of a line; then all of `textEvent` is set. */
export function readText(at: usize, end: usize, context: Context, received: i64): bool {
  if (context.format === OTHER || end - at > LONGEST) return false;
  if (load<u8>(end - 1) === 0x0d) end--;
  if (end < at + SHORTEST || !look(at, end)) return false;
  clearTextEvent(received, end);
  const utc = context.utc !== 0;
  switch (context.format) {
    case DETECT:
      return readDetected(at, end, utc, received);
    case ACCESS:
      return readAccess(at, end, received);
    case SYSLOG:
      return utc && readSyslog(at, end, received);
    case PLAIN:
      return readPlain(at, end, utc, received);
    default:
      return false;
  }
}

/** Whether marks can be laid in a line and it is UTF-8 without a mark of order at its start. */
function look(at: usize, end: usize): bool {
  const start = at;
  const slash = i8x16.splat(0x5c);
  const one = i8x16.splat(1);
  const most = i8x16.splat(5);
  let high: u32 = 0;
  let slashes: u32 = 0;
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const there: u32 = end - at < 16 ? (1 << (<u32>(end - at))) - 1 : 0xffff;
    if ((<u32>i8x16.bitmask(i8x16.le_u(i8x16.sub(bytes, one), most)) & there) !== 0) return false;
    high |= <u32>i8x16.bitmask(bytes) & there;
    slashes |= <u32>i8x16.bitmask(i8x16.eq(bytes, slash)) & there;
  }
  textNonAscii = high !== 0;
  textBackslash = slashes !== 0;
  textUnicodeEscape = textBackslash && hasUnicodeEscape(start, end);
  return !textNonAscii || ((load<u32>(start) & 0xffffff) !== 0xbfbbef && isUtf8(start, end));
}

function hasUnicodeEscape(at: usize, end: usize): bool {
  for (; at + 1 < end; at++) {
    if (load<u8>(at) === 0x5c && (<u32>load<u8>(at, 1) | 0x20) === 0x75) return true;
  }
  return false;
}

function readDetected(at: usize, end: usize, utc: bool, received: i64): bool {
  const first = <u32>load<u8>(at);
  if (isDigit(first)) {
    if (load<u8>(at, 4) === 0x2d && load<u8>(at, 10) === 0x54 && mayBeWrapped(at, end)) return false;
  } else if (first <= 0x20) {
    return !mayBeObject(at, end) && readPlain(at, end, utc, received);
  } else if (first === 0x7b || (first === 0x3c && isDigit(load<u8>(at, 1))) || mayBePairs(at, end)) {
    return false;
  } else if (isSyslogTime(at, end)) {
    return utc && readSyslog(at, end, received);
  } else if ((first === 0x49 || first === 0x57 || first === 0x45 || first === 0x46) && isDigit(load<u8>(at, 1))) {
    // klog
    return false;
  }
  return mayBeAccess(at, end) ? readAccess(at, end, received) : readPlain(at, end, utc, received);
}

/** Behind blanks an object, or what may be a blank in another script. */
function mayBeObject(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) <= 0x20) at++;
  return at === end || load<u8>(at) === 0x7b || load<u8>(at) > 0x7f;
}

/** A line of CRI, or of a syslog file with such times: behind the first word a stream, or a host and a program. */
function mayBeWrapped(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) !== 0x20) at++;
  at++;
  // `stdo`, `stde`
  if (at + 4 <= end && (load<u32>(at) === 0x6f647473 || load<u32>(at) === 0x65647473)) return true;
  const host = at;
  while (at < end && isNameByte(load<u8>(at))) at++;
  if (at === host || at === end || load<u8>(at) !== 0x20) return false;
  const program = ++at;
  while (at < end && (isNameByte(load<u8>(at)) || load<u8>(at) === 0x2f)) at++;
  return at > program && at < end && (load<u8>(at) === 0x5b || load<u8>(at) === 0x3a);
}

/** `key=` at the start, which logfmt has. */
function mayBePairs(at: usize, end: usize): bool {
  while (at < end && (isNameByte(load<u8>(at)) || load<u8>(at) === 0x2f || load<u8>(at) === 0x40)) at++;
  return at < end && load<u8>(at) === 0x3d;
}

function isNameByte(byte: u32): bool {
  return isWord(byte) || byte === 0x2e || byte === 0x2d;
}

function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9;
}
