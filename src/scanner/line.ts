import {
  Claim,
  Claims,
  ESCAPED_TEXT,
  HOST,
  LEVEL,
  MESSAGE,
  newClaims,
  SERVICE,
  SPAN,
  TEXT,
  TIME,
  TRACE,
} from './claims';
import { Context } from './group';
import { forgetEscapes, LONE_SURROGATE, lineFeed, mayBeObject, ODD_ESCAPE, skipBlanks } from './json-text';
import { levelOf, levelOfMessage, UNKNOWN } from './levels';
import { reserve } from './memory';
import { readPairs } from './pairs';
import { look, textBackslash, textNonAscii } from './text-bytes';
import { plainLevel } from './text-line';
import { DAY, form, ns, readTime } from './times';
import { Decoded } from './unescape';
import { isAscii, isUtf8 } from './utf8';
import { gaveUp, walkObject } from './walk';
import { claimStream, wrapForm, wrapNs, wrapTime } from './wrap';

/*
 * Reads a line of JSON or of logfmt as the record that the host's parser makes of it, or gives up: never a guess.
 */

/** Longer lines go to the host: decoding takes eighteen times their memory. */
export const LONGEST: usize = 1 << 20;

/** Of what Docker says a program wrote, from the start of the line: `{"log":"`. */
const LOG_AT: usize = 8;

/** Where the line begins, behind what a container wrote before it. */
export let lineStart: usize = 0;
/** Whether the event is a JSON object and nothing else. */
export let isJson: bool = false;
/** Whether values stand in the line as they are, with nothing escaped. */
export let isPlain: bool = false;
/** The level that plain text inside says. */
let said: i32 = UNKNOWN;
/** Of the line itself, and of the object inside its message. */
export let outer: Claims = changetype<Claims>(0);
export let inner: Claims = changetype<Claims>(0);
/** The outer message, and the inner one. */
export let once: Decoded = changetype<Decoded>(0);
export let twice: Decoded = changetype<Decoded>(0);

/** Whether the message is an object that was opened. */
export let opened: bool = false;
/** Whether the last line has bytes above 0x7f. */
export let nonAscii: bool = false;
export let time: i64 = 0;
/** The claim that gave the time; its kind is 0 where there is none. */
export let timeClaim: Claim = changetype<Claim>(0);
export let timeForm: i32 = -1;
export let level: i32 = UNKNOWN;
/** The message, decoded; 0 where there is none. */
export let messageStart: usize = 0;
export let messageEnd: usize = 0;

export function startLines(columns: u32): void {
  outer = newClaims(columns);
  inner = newClaims(columns);
  once = changetype<Decoded>(reserve(offsetof<Decoded>()));
  twice = changetype<Decoded>(reserve(offsetof<Decoded>()));
}

/** Room to decode messages of events of at most so many bytes. */
export function makeRoom(bytes: usize): void {
  const longest = min(bytes, LONGEST);
  // A pair before and one behind each escape, which has two bytes at least, and one at the start.
  for (let at = 0; at < 2; at++) {
    const decoded = at === 0 ? once : twice;
    decoded.text = reserve(longest + 64);
    decoded.map = reserve((longest << 3) + 64);
  }
}

/**
 * Whether the scanner is sure of a line of JSON; then all above is set. `detects`: nobody said that it is one, so that
 * it may be Docker's. The last wrap that was read is the line's.
 */
export function readLine(at: usize, end: usize, context: Context, detects: bool, received: i64, counts: bool): bool {
  nonAscii = !isAscii(at, end);
  if (nonAscii && !isUtf8(at, end)) return false;
  const docker = detects && isDocker(at, end);
  if (docker && wrapTime.kind !== 0) return false;
  start(at, counts);
  isJson = !docker && wrapTime.kind === 0;
  const first = skipBlanks(at, end);
  if (first >= end || load<u8>(first) !== 0x7b) return false;
  const last = walkObject(first, end, outer, counts);
  if (last === 0 || skipBlanks(last, end) !== end || lineFeed) return false;
  return (docker ? readDocker(at, context, received, counts) : readMessage(counts)) && settle(context, received);
}

/** `readLine` of a line of logfmt. */
export function readPairsLine(at: usize, end: usize, context: Context, received: i64, counts: bool): bool {
  if (!look(at, end) || textBackslash) return false;
  start(at, counts);
  nonAscii = textNonAscii;
  isJson = false;
  isPlain = true;
  return readPairs(at, end, outer, counts) && readMessage(counts) && settle(context, received);
}

function start(at: usize, counts: bool): void {
  forgetEscapes();
  outer.clear();
  inner.clear();
  opened = false;
  isPlain = false;
  said = UNKNOWN;
  lineStart = at;
  if (wrapTime.kind !== 0) claimStream(outer, counts);
}

function settle(context: Context, received: i64): bool {
  return (
    readMoment(context, received) &&
    readLevel() &&
    isTextRole(SERVICE) &&
    isTextRole(HOST) &&
    isTextRole(TRACE) &&
    isTextRole(SPAN)
  );
}

/** As `looksLikeDocker` of the host. */
function isDocker(at: usize, end: usize): bool {
  // {"log":" is eight bytes.
  if (end - at < 8 || load<u64>(at) !== 0x223a22676f6c227b) return false;
  let stream = false;
  let time = false;
  for (at += 8; at + 8 <= end; at++) {
    const word = load<u64>(at);
    if (word === 0x223a22656d697422) time = true;
    // "stream":"std
    else if (
      word === 0x226d616572747322 &&
      at + 13 <= end &&
      load<u32>(at, 8) === 0x7473223a &&
      load<u8>(at, 12) === 0x64
    ) {
      stream = true;
    }
  }
  return stream && time;
}

/** What Docker's `log` has: JSON with a message, or plain text. */
function readDocker(at: usize, context: Context, received: i64, counts: bool): bool {
  const claim = outer.role(MESSAGE);
  // The first of the line, and no other: that would be the message of a text which has none.
  if (outer.messages !== 1 || claim.start !== at + LOG_AT || !takeMessage(claim, once)) return false;
  if (messageStart < messageEnd && load<u8>(messageStart) === 0x7b) {
    // A line of Docker's in one is read as that.
    if (claim.kind !== ESCAPED_TEXT || isDocker(messageStart, messageEnd)) return false;
    return openMessage(counts) && isMessageInside();
  }
  if (messageStart < messageEnd && load<u8>(messageEnd - 1) === 0x0a) messageEnd--;
  if (messageStart < messageEnd && load<u8>(messageEnd - 1) === 0x0d) return false;
  said = plainLevel(messageStart, messageEnd, context, received);
  return said >= UNKNOWN;
}

function readMessage(counts: bool): bool {
  messageStart = 0;
  messageEnd = 0;
  const claim = outer.role(MESSAGE);
  if (claim.kind === 0) return true;
  if (!takeMessage(claim, once)) return false;
  // Without a quote in it this is no object but `{}`, and that stays a text.
  if (claim.kind === TEXT) return true;
  if (load<u8>(messageStart) === 0x7b && messageStart < messageEnd) return openMessage(counts);
  return !mayBeHidden(messageStart, messageEnd);
}

/** Makes what a claim says the message, decoded where it has escapes; whether the scanner can. */
function takeMessage(claim: Claim, decoded: Decoded): bool {
  if (claim.kind === TEXT) {
    messageStart = claim.start;
    messageEnd = claim.end;
    return true;
  }
  if (claim.kind !== ESCAPED_TEXT || (claim.escapes & LONE_SURROGATE) !== 0) return false;
  decoded.read(claim.start, claim.end);
  messageStart = decoded.text;
  messageEnd = decoded.end;
  return true;
}

/** Blanks, and an object behind them. */
function mayBeHidden(at: usize, end: usize): bool {
  return at < end && load<u8>(at) <= 0x20 && mayBeObject(at, end);
}

function openMessage(counts: bool): bool {
  const end = walkObject(once.text, once.end, inner, counts);
  if (end === 0 || skipBlanks(end, once.end) !== once.end) {
    // Surely no JSON: the message is a text that begins like it.
    return !gaveUp;
  }
  opened = true;
  const claim = inner.role(MESSAGE);
  if (claim.kind === 0) return true;
  if (!takeMessage(claim, twice)) return false;
  if (claim.kind === TEXT) return true;
  // An object in it would be opened as well.
  return !(messageStart < messageEnd && load<u8>(messageStart) === 0x7b) && !mayBeHidden(messageStart, messageEnd);
}

/** Whether the message stands inside the object that was opened. */
export function isMessageInside(): bool {
  return opened && inner.role(MESSAGE).kind !== 0;
}

/** Where the outer message ends that is a text: the line feed behind that of Docker is none of it. */
export function outerMessageEnd(): usize {
  const claim = outer.role(MESSAGE);
  return claim.kind === ESCAPED_TEXT ? once.source(messageEnd) : claim.end;
}

/** Whether writing the message anew gives the bytes that came. */
export function isMessageCommon(): bool {
  const escapes = outer.role(MESSAGE).escapes | (isMessageInside() ? inner.role(MESSAGE).escapes : 0);
  return (escapes & ODD_ESCAPE) === 0;
}

/** The claim that fills a role: what a container says of service and host counts before what its program says. */
export function settled(role: i32): Claim {
  const ours = outer.role(role);
  if (!opened) return ours;
  const theirs = inner.role(role);
  if (role === SERVICE || role === HOST) return ours.kind !== 0 ? ours : theirs;
  return theirs.kind !== 0 ? theirs : ours;
}

function isTextRole(role: i32): bool {
  const claim = settled(role);
  return claim.kind === 0 || claim.isText;
}

function readMoment(context: Context, received: i64): bool {
  timeClaim = settled(TIME);
  time = received;
  timeForm = -1;
  if (timeClaim.kind === 0) {
    if (wrapTime.kind === 0) return true;
    timeClaim = wrapTime;
    time = wrapNs;
    timeForm = wrapForm;
    return true;
  }
  if (!readTime(timeClaim, context.utc !== 0) || ns > received + DAY) return false;
  time = ns;
  timeForm = form;
  return true;
}

function readLevel(): bool {
  level = said;
  if (level !== UNKNOWN) return true;
  const claim = settled(LEVEL);
  if (claim.kind !== 0) {
    level = levelOf(claim);
    return level > UNKNOWN;
  }
  level = messageStart === 0 ? UNKNOWN : levelOfMessage(messageStart, messageEnd - messageStart);
  return true;
}
