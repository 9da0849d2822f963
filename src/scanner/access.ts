import { digitsEnd, isBlank, isCapital, isDigit, isLetter, isVisible } from './ascii';
import { ERROR, INFO, WARN } from './levels';
import { asciiEnd } from './utf8';
import {
  addField,
  BYTES,
  CLIENT_IP,
  EXTRA,
  IDENT,
  METHOD,
  PATH,
  PROTOCOL,
  REFERRER,
  REQUEST,
  STATUS,
  textEvent,
  USER,
  USER_AGENT,
} from './text-event';
import { ACCESS_TIME, readAccessTime } from './text-times';

/*
 * Apache's and nginx's access logs, common and combined, as `parseAccess` of the host reads them.
 */

const LONGEST_USER: usize = 256;
const LONGEST_METHOD: usize = 32;
const LONGEST_PROTOCOL: usize = 10;
/** Larger numbers are no numbers to the host. */
const MOST_DIGITS: usize = 15;

/** Whether a text has `] "` somewhere, without which no line is an access log's. */
export function mayBeAccess(at: usize, end: usize): bool {
  for (; at + 3 <= end; at++) {
    if (load<u8>(at) === 0x5d && load<u8>(at, 1) === 0x20 && load<u8>(at, 2) === 0x22) return true;
  }
  return false;
}

export function readAccess(at: usize, end: usize, received: i64): bool {
  textEvent.message = at;
  const clientEnd = wordEnd(at, end);
  if (clientEnd === 0) return false;
  const ident = clientEnd + 1;
  const identEnd = wordEnd(ident, end);
  if (identEnd === 0) return false;
  const user = identEnd + 1;
  const userEnd = wordEnd(user, end);
  if (userEnd === 0 || userEnd - user > LONGEST_USER) return false;
  const time = userEnd + 2;
  const request = time + ACCESS_TIME + 3;
  if (request >= end || load<u8>(time - 1) !== 0x5b) return false;
  // `] "`
  if ((load<u32>(request - 3) & 0xffffff) !== 0x22205d || !readAccessTime(time, received)) return false;
  const requestEnd = quoteEnd(request, end);
  const status = requestEnd + 2;
  if (requestEnd === 0 || status + 4 >= end) return false;
  if (load<u8>(status - 1) !== 0x20 || load<u8>(status, 3) !== 0x20) return false;
  addValue(CLIENT_IP, at, clientEnd);
  addValue(IDENT, ident, identEnd);
  addValue(USER, user, userEnd);
  return addRequest(request, requestEnd) && addStatus(status) && readEnd(status + 4, end);
}

/** The number of bytes, what the combined format has behind it, and what the administrator added. */
function readEnd(at: usize, end: usize): bool {
  const bytes = at;
  at = digitsEnd(at, end);
  if (at === bytes) {
    if (load<u8>(at) !== 0x2d) return false;
    at++;
  } else {
    // Zeros before a number are not given back by it.
    if (at - bytes > MOST_DIGITS || (at - bytes > 1 && load<u8>(bytes) === 0x30)) return false;
    addField(BYTES, bytes, at);
  }
  if (at === end) return true;
  if (at + 2 > end || load<u8>(at) !== 0x20) return false;
  if (load<u8>(at, 1) !== 0x22) return addExtra(at + 1, end);
  const referrer = at + 2;
  const referrerEnd = quoteEnd(referrer, end);
  const agent = referrerEnd + 3;
  if (referrerEnd === 0 || agent > end) return false;
  if (load<u8>(referrerEnd, 1) !== 0x20 || load<u8>(referrerEnd, 2) !== 0x22) return false;
  const agentEnd = quoteEnd(agent, end);
  if (agentEnd === 0) return false;
  addValue(REFERRER, referrer, referrerEnd);
  addValue(USER_AGENT, agent, agentEnd);
  if (agentEnd + 1 === end) return true;
  return load<u8>(agentEnd, 1) === 0x20 && addExtra(agentEnd + 2, end);
}

function addExtra(at: usize, end: usize): bool {
  for (let next = at; next < end; next++) if (load<u8>(next) === 0x5c) return false;
  addValue(EXTRA, at, end);
  return true;
}

/** A field unless it is empty or `-`. */
function addValue(name: u32, start: usize, end: usize): void {
  if (start === end || (end - start === 1 && load<u8>(start) === 0x2d)) return;
  addField(name, start, end);
}

/** Method, path and protocol, or all of it as one field. */
function addRequest(start: usize, end: usize): bool {
  // Which characters are blanks, of all scripts, the host knows.
  if (asciiEnd(start, end) !== end) return false;
  const method = start;
  let at = start;
  while (at < end && (isLetter(load<u8>(at)) || load<u8>(at) === 0x2d)) at++;
  const methodEnd = at;
  const path = at + 1;
  const isMethod = at > method && at - method <= LONGEST_METHOD && at < end && load<u8>(at) === 0x20;
  let pathEnd: usize = 0;
  if (isMethod) {
    at = path;
    while (at < end && !isBlank(load<u8>(at))) at++;
    pathEnd = at;
  }
  if (!isMethod || pathEnd === path || (pathEnd < end && !isProtocol(pathEnd, end))) {
    addValue(REQUEST, start, end);
    return true;
  }
  addValue(METHOD, method, methodEnd);
  addValue(PATH, path, pathEnd);
  if (pathEnd < end) addValue(PROTOCOL, pathEnd + 1, end);
  return true;
}

/** A blank, capitals, a slash and one or two digits. */
function isProtocol(at: usize, end: usize): bool {
  if (load<u8>(at) !== 0x20) return false;
  const name = ++at;
  while (at < end && isCapital(load<u8>(at))) at++;
  if (at === name || at - name > LONGEST_PROTOCOL || at + 2 > end) return false;
  if (load<u8>(at) !== 0x2f || !isDigit(load<u8>(at, 1))) return false;
  at += 2;
  return at === end || (at + 2 === end && load<u8>(at) === 0x2e && isDigit(load<u8>(at, 1)));
}

function addStatus(at: usize): bool {
  for (let digit: usize = 0; digit < 3; digit++) if (!isDigit(load<u8>(at + digit))) return false;
  const first = load<u8>(at);
  if (first === 0x30) return false;
  textEvent.level = first === 0x35 ? ERROR : first === 0x34 ? WARN : INFO;
  addField(STATUS, at, at + 3);
  return true;
}

/** Where a run of visible ASCII without a backslash ends that a blank follows; 0 where there is none. */
function wordEnd(at: usize, end: usize): usize {
  const start = at;
  while (at < end && isVisible(load<u8>(at)) && load<u8>(at) !== 0x5c) at++;
  return at > start && at < end && load<u8>(at) === 0x20 ? at : 0;
}

/** Where the quote is that ends a text; 0 where there is none, or one before it that the host takes the escape from. */
function quoteEnd(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === 0x22) return at;
    if (byte !== 0x5c) continue;
    at++;
    if (at === end || load<u8>(at) === 0x22 || load<u8>(at) === 0x5c) return 0;
  }
  return 0;
}
