import { digitsEnd, isCapital, isVisible, isWord } from './ascii';
import { mayBeObject } from './json-text';
import { levelOfMessage } from './levels';
import { priEnd, readPri } from './syslog-pri';
import { addField, PID, textEvent } from './text-event';
import { isSyslogTime, readSyslogTime, SYSLOG_TIME } from './text-times';

/*
 * RFC 3164 as it is found: perhaps `<PRI>`, a time without a year, host, `tag[pid]:`, text; as `parseSyslog3164` of the host
 * reads it.
 */

const LONGEST_HOST: usize = 255;
const LONGEST_TAG: usize = 64;

export function readSyslog(at: usize, end: usize, received: i64): bool {
  const pri = priEnd(at, end);
  if (pri !== 0) {
    if (!readPri(at, end)) return false;
    at = pri;
  }
  if (!isSyslogTime(at, end) || !readSyslogTime(at, received)) return false;
  const host = at + SYSLOG_TIME + 1;
  at = host;
  while (at < end && isHostByte(load<u8>(at))) at++;
  if (at === host || at - host > LONGEST_HOST || at + 1 >= end || load<u8>(at) !== 0x20) return false;
  if (load<u8>(at - 1) === 0x3a || mayBeOfTime(host, at)) return false;
  textEvent.host = host;
  textEvent.hostLength = at - host;
  const message = readTag(at + 1, end);
  // An object in it is opened.
  if (message === 0 || message === end || load<u8>(message) === 0x7b) return false;
  if (load<u8>(message) <= 0x20 && mayBeObject(message, end)) return false;
  textEvent.message = message;
  if (pri === 0) textEvent.level = levelOfMessage(message, end - message);
  return true;
}

/** Takes `tag[pid]: ` and gives where the text behind it begins; 0 where only the host can tell. */
function readTag(tag: usize, end: usize): usize {
  let at = tag;
  while (at < end && isTagByte(load<u8>(at))) at++;
  const tagEnd = at;
  if (tagEnd === tag || tagEnd - tag > LONGEST_TAG || at === end) return 0;
  let pid: usize = 0;
  if (load<u8>(at) === 0x5b) {
    pid = ++at;
    while (at < end && isPidByte(load<u8>(at))) at++;
    if (at === pid || at - pid > LONGEST_TAG || at === end || load<u8>(at) !== 0x5d) return 0;
    addField(PID, pid, at);
    at++;
  }
  if (at + 2 > end || load<u8>(at) !== 0x3a || load<u8>(at, 1) !== 0x20) return 0;
  textEvent.service = tag;
  textEvent.serviceLength = tagEnd - tag;
  return at + 2;
}

/** Whether the year or the zone of a time may be what looks like a host. */
function mayBeOfTime(host: usize, end: usize): bool {
  const first = load<u8>(host);
  if (first === 0x2d) return true;
  let at = host;
  at = digitsEnd(at, end);
  if (at - host >= 4) return true;
  at = host;
  while (at < end && isCapital(load<u8>(at))) at++;
  const capitals = at - host;
  return capitals >= 2 && capitals <= 4 && (at === end || !isWord(load<u8>(at)));
}

function isHostByte(byte: u32): bool {
  return isWord(byte) || byte === 0x2e || byte === 0x3a || byte === 0x2d;
}

/** Visible, and none of `"`, `:`, `[`, `]`. */
function isTagByte(byte: u32): bool {
  return isVisible(byte) && byte !== 0x22 && byte !== 0x3a && byte !== 0x5b && byte !== 0x5d;
}

function isPidByte(byte: u32): bool {
  return isVisible(byte) && byte !== 0x5d;
}
