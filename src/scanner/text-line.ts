import { isDigit, isWord } from './ascii';
import { mayBeAccess, readAccess } from './access';
import { ACCESS, Context, JSON_FORMAT, KLOG, LOGFMT, OTHER, PLAIN, SYSLOG, SYSLOG_5424 } from './group';
import { mayBeObject } from './json-text';
import { readKlog } from './klog';
import { looksLikePairs, mayBePairs } from './pairs';
import { readPlain } from './plain';
import { readSyslog } from './syslog';
import { looksLike5424, readSyslog5424 } from './syslog-5424';
import { priEnd } from './syslog-pri';
import { look } from './text-bytes';
import { addField, clearTextEvent, STREAM, textEvent, TIME } from './text-event';
import { isSyslogTime } from './text-times';
import { streamEnd, streamStart, wrapForm, wrapNs, wrapTime } from './wrap';

/*
 * Reads a line of text as the record that the host's parser makes of it, or gives up: never a guess.
 */

/**
 * Whether the scanner is sure of a line in a format; then all of `textEvent` is set. The last wrap that was read is
 * the line's.
 */
export function readText(at: usize, end: usize, format: u32, context: Context, received: i64): bool {
  if (at >= end || !look(at, end)) return false;
  clearTextEvent(received, end);
  if (!readFormat(at, end, format, context.utc !== 0, received)) return false;
  if (wrapTime.kind === 0) return true;
  // Whose time counts then, the host knows.
  if (format === SYSLOG || format === SYSLOG_5424) return false;
  addField(STREAM, streamStart, streamEnd);
  if (format === ACCESS) addField(TIME, wrapTime.start, wrapTime.end);
  else {
    // The container's time is whole where the line's leaves something out, or is told as part of it.
    textEvent.time = wrapNs;
    textEvent.hasTime = true;
    textEvent.timeStart = wrapTime.start;
    textEvent.timeEnd = wrapTime.end;
    textEvent.timeForm = wrapForm;
  }
  return true;
}

function readFormat(at: usize, end: usize, format: u32, utc: bool, received: i64): bool {
  switch (format) {
    case ACCESS:
      return readAccess(at, end, received);
    case SYSLOG:
      return utc && readSyslog(at, end, received);
    case SYSLOG_5424:
      return readSyslog5424(at, end, utc, received);
    case KLOG:
      return utc && readKlog(at, end, received);
    case PLAIN:
      return readPlain(at, end, utc, received);
    default:
      return false;
  }
}

/** The level of what is plain text inside of something else; -1 where that may be another format or is not sure. */
export function plainLevel(at: usize, end: usize, context: Context, received: i64): i32 {
  if (at >= end || formatOf(at, end) !== PLAIN) return -1;
  clearTextEvent(received, end);
  return readPlain(at, end, context.utc !== 0, received) ? textEvent.level : -1;
}

/** The format of a line, as `detectLine` of the host finds it; `OTHER` where it may be one that only the host reads. */
export function formatOf(at: usize, end: usize): u32 {
  const first = <u32>load<u8>(at);
  if (first <= 0x20) return mayBeObject(at, end) ? OTHER : PLAIN;
  if (first === 0x7b) return JSON_FORMAT;
  if (isDigit(first)) {
    if (end - at > 10 && load<u8>(at, 4) === 0x2d && load<u8>(at, 10) === 0x54 && mayBeOther(at, end)) return OTHER;
  } else if (end - at > 1 && isDigit(load<u8>(at, 1))) {
    // `<34>`, and `I0102`
    if (first === 0x3c) return syslogFormat(at, end);
    if (first === 0x49 || first === 0x57 || first === 0x45 || first === 0x46) return KLOG;
  }
  if (looksLikePairs(at, end)) return LOGFMT;
  if (mayBePairs(at, end)) return OTHER;
  if (isSyslogTime(at, end)) return SYSLOG;
  return mayBeAccess(at, end) ? ACCESS : PLAIN;
}

/** Of a line that begins with `<` and a digit. */
function syslogFormat(at: usize, end: usize): u32 {
  if (priEnd(at, end) === 0) return OTHER;
  return looksLike5424(at, end) ? SYSLOG_5424 : SYSLOG;
}

/** A line of CRI, or of a syslog file with such times: behind the first word a stream, or a host and a program. */
function mayBeOther(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) !== 0x20) at++;
  const host = ++at;
  // `stdo`, `stde`
  if (at + 4 <= end && (load<u32>(at) === 0x6f647473 || load<u32>(at) === 0x65647473)) return true;
  while (at < end && isNameByte(load<u8>(at))) at++;
  if (at <= host || at >= end || load<u8>(at) !== 0x20) return false;
  const program = ++at;
  while (at < end && (isNameByte(load<u8>(at)) || load<u8>(at) === 0x2f)) at++;
  return at > program && at < end && (load<u8>(at) === 0x5b || load<u8>(at) === 0x3a);
}

function isNameByte(byte: u32): bool {
  return isWord(byte) || byte === 0x2e || byte === 0x2d;
}
