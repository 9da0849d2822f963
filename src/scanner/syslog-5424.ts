import { visibleEnd } from './ascii';
import { mayBeObject } from './json-text';
import { priEnd, readPri } from './syslog-pri';
import { addField, MSGID, PROCID, textEvent } from './text-event';
import { readTextTime } from './text-times';
import { form } from './times';

/*
 * RFC 5424: `<PRI>1 TIME HOST APP PROCID MSGID - MSG`, as `parseSyslog5424` of the host reads it. Lines with structured
 * data are the host's.
 */

const DASH: u32 = 0x2d;
/** Of a date and a time of day. */
const SHORTEST_TIME: usize = 19;

/** Whether a text begins so: `<PRI>1 `. */
export function looksLike5424(at: usize, end: usize): bool {
  const version = priEnd(at, end);
  return version !== 0 && version + 2 <= end && load<u16>(version) === 0x2031;
}

export function readSyslog5424(at: usize, end: usize, utc: bool, received: i64): bool {
  if (!looksLike5424(at, end)) return false;
  if (!readPri(at, end)) return false;
  const time = priEnd(at, end) + 2;
  const timeEnd = wordEnd(time, end);
  if (timeEnd === 0 || !readMoment(time, timeEnd, utc, received)) return false;
  const host = timeEnd + 1;
  const hostEnd = wordEnd(host, end);
  if (hostEnd === 0) return false;
  const app = hostEnd + 1;
  const appEnd = wordEnd(app, end);
  if (appEnd === 0) return false;
  const procid = appEnd + 1;
  const procidEnd = wordEnd(procid, end);
  if (procidEnd === 0) return false;
  const msgid = procidEnd + 1;
  const msgidEnd = wordEnd(msgid, end);
  // ` - `: no structured data.
  if (msgidEnd === 0 || msgidEnd + 3 >= end || (load<u32>(msgidEnd) & 0xffffff) !== 0x202d20) return false;
  const message = msgidEnd + 3;
  const first = load<u8>(message);
  // An object in it is opened, and a mark of the order of bytes is none of it.
  if (first === 0x7b || first === 0xef || (first <= 0x20 && mayBeObject(message, end))) return false;
  if (isThere(host, hostEnd)) {
    textEvent.host = host;
    textEvent.hostLength = hostEnd - host;
  }
  if (isThere(app, appEnd)) {
    textEvent.service = app;
    textEvent.serviceLength = appEnd - app;
  }
  if (isThere(procid, procidEnd)) addField(PROCID, procid, procidEnd);
  if (isThere(msgid, msgidEnd)) addField(MSGID, msgid, msgidEnd);
  textEvent.message = message;
  return true;
}

function readMoment(at: usize, end: usize, utc: bool, received: i64): bool {
  if (!isThere(at, end)) return true;
  if (end - at < SHORTEST_TIME || load<u8>(at, 10) !== 0x54 || !readTextTime(at, end, DASH, utc, received))
    return false;
  textEvent.timeStart = at;
  textEvent.timeEnd = end;
  textEvent.timeForm = form;
  return true;
}

/** `-` is a value that is absent. */
function isThere(at: usize, end: usize): bool {
  return end - at !== 1 || <u32>load<u8>(at) !== DASH;
}

/** Where a run of visible ASCII ends that a blank follows; 0 where there is none. */
function wordEnd(at: usize, end: usize): usize {
  const start = at;
  at = visibleEnd(at, end);
  return at > start && at < end && load<u8>(at) === 0x20 ? at : 0;
}
