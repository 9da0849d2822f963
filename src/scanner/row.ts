import { Claim, Claims, HOST, MESSAGE, SERVICE, SPAN, TEXT, TIME, TRACE } from './claims';
import { countRow } from './counts';
import {
  addRow,
  ALWAYS,
  BACKSLASH,
  BY_DEFAULT,
  column,
  Context,
  contextColumn,
  contextValue,
  FIRST_PROMOTED,
  HOST_COLUMN,
  JSON,
  MARKS,
  NO_TIME,
  NON_ASCII,
  OPAQUE,
  openGroup,
  promoted,
  restColumn,
  rows,
  SERVICE_COLUMN,
  SPAN_COLUMN,
  TRACE_COLUMN,
  UNICODE_ESCAPE,
} from './group';
import {
  addHole,
  clearHoles,
  COLUMN_MARK,
  INNER_MESSAGE_MARK,
  MESSAGE_MARK,
  PLAIN_MESSAGE_MARK,
  putRest,
  TIME_MARK,
  twoBytes,
} from './holes';
import { backslash, unicodeEscape, wordEscape } from './json-text';
import {
  inner,
  isJson,
  isMessageCommon,
  isMessageInside,
  isPlain,
  level,
  lineStart,
  messageEnd,
  messageStart,
  nonAscii,
  once,
  opened,
  outer,
  outerMessageEnd,
  settled,
  time,
  timeClaim,
  timeForm,
} from './line';
import { addId, clearIds, putMessage } from './message';
import { addNameTokens, fieldName, STREAM, TIME as WRAP_TIME } from './text-event';
import { form, ns, readTime } from './times';
import { jsonTokens, textTokens } from './tokens';
import { streamEnd, streamStart, wrapTime } from './wrap';

/*
 * Makes a row of the line that was read last: its columns, the line with marks, the tokens.
 */

/** Bytes from which on a promoted value is looked for in the message. */
let repeated: usize = 0;

export function setRepeated(bytes: u32): void {
  repeated = bytes;
}

/** The object inside the message is taken apart too: the message in it has a hole of its own, or none at all. */
let takesInside: bool = false;
let service: usize = 0;
let serviceLength: usize = 0;
let isOpaque: bool = false;

export function putRow(event: u32, start: usize, end: usize, context: Context): void {
  const row = rows;
  clearHoles();
  clearIds();
  isOpaque = false;
  // Else the message is all of the text, and its hole as well.
  takesInside = opened && isMessageInside();
  putRole(row, SERVICE, SERVICE_COLUMN, context.service, context.serviceLength);
  putRole(row, HOST, HOST_COLUMN, context.host, context.hostLength);
  putRole(row, TRACE, TRACE_COLUMN, 0, 0);
  putRole(row, SPAN, SPAN_COLUMN, 0, 0);
  putColumns(row, context);
  addTimeHoles(context);
  addMessageHole();
  // JSON has such bytes as escapes alone.
  const isClean = !isPlain && !unicodeEscape;
  const marks = messageStart !== 0 && putMessage(row, messageStart, messageEnd, isClean);
  const known = putRest(restColumn(), row, start, end);
  contextColumn().put(row, context.json, context.jsonLength);
  addTokens(row, lineStart, end, known);
  if (wrapTime.kind !== 0) addWrapTokens();
  addContextTokens(context);
  if (wordEscape) openGroup();
  let flags = isJson ? context.flags | JSON : context.flags;
  if (nonAscii) flags |= NON_ASCII;
  if (backslash) flags |= BACKSLASH;
  if (unicodeEscape) flags |= UNICODE_ESCAPE;
  if (timeClaim.kind === 0) flags |= NO_TIME;
  if (marks) flags |= MARKS;
  if (isOpaque) flags |= OPAQUE;
  countRow(service, serviceLength, level, time);
  addRow(event, start, end, time, level, flags);
}

/** Takes a value out of the line, wherever it stands. */
function takeOut(claim: Claim, inside: bool, mark: u32): void {
  if (!inside) {
    addHole(claim.start, claim.end, mark);
    return;
  }
  if (!takesInside) return;
  const start = once.source(claim.start);
  const end = once.source(claim.end);
  // Longer where it came with escapes: these would not come back.
  if (end - start === claim.length) addHole(start, end, mark);
}

function putRole(row: u32, role: i32, number: i32, otherwise: usize, otherwiseLength: usize): void {
  const claim = settled(role);
  const into = column(number);
  let text = otherwise;
  let length = otherwiseLength;
  if (claim.kind !== 0) {
    text = claim.start;
    length = claim.length;
    takeEqualOut(claim, outer.role(role), false, number);
    if (opened) takeEqualOut(claim, inner.role(role), true, number);
  }
  if (text !== 0) text = into.put(row, text, length);
  if (number === SERVICE_COLUMN) {
    service = text;
    serviceLength = length;
  } else if (number >= TRACE_COLUMN && text !== 0) addId(text, length, number);
}

/** Takes a claim out where it says what the column has. */
function takeEqualOut(used: Claim, claim: Claim, inside: bool, number: i32): void {
  if (claim.says(used)) takeOut(claim, inside, twoBytes(COLUMN_MARK, number));
}

function putColumns(row: u32, context: Context): void {
  for (let at: u32 = 0; at < outer.count; at++) putClaimed(row, outer.ordered(at), context);
  if (opened) {
    for (let at: u32 = 0; at < inner.count; at++) {
      const number = inner.ordered(at);
      if (outer.column(number).kind === 0) putClaimed(row, number, context);
    }
  }
  if (context.values === 0) return;
  for (let number = 0; number < promoted; number++) {
    const value = contextValue(context, number);
    const claimed = outer.column(number).kind !== 0 || (opened && inner.column(number).kind !== 0);
    if (value.when === ALWAYS || (value.when === BY_DEFAULT && !claimed)) {
      column(FIRST_PROMOTED + number).put(row, value.text, value.length);
    }
  }
}

/** The value of a promoted key that the line has, unless the context says another. */
function putClaimed(row: u32, number: i32, context: Context): void {
  if (context.values !== 0 && contextValue(context, number).when === ALWAYS) return;
  const ours = outer.column(number);
  const claim = ours.kind !== 0 ? ours : inner.column(number);
  if (!claim.isText) {
    isOpaque = true;
    return;
  }
  const into = column(FIRST_PROMOTED + number);
  const text = into.put(row, claim.start, claim.length);
  takeEqualOut(claim, ours, false, FIRST_PROMOTED + number);
  if (opened) takeEqualOut(claim, inner.column(number), true, FIRST_PROMOTED + number);
  if (claim.length >= repeated) addId(text, claim.length, FIRST_PROMOTED + number);
}

function addTimeHoles(context: Context): void {
  if (timeClaim.kind === 0) return;
  takeTimeOut(outer.role(TIME), false, context);
  if (opened) takeTimeOut(inner.role(TIME), true, context);
  takeTimeOut(wrapTime, false, context);
}

function takeTimeOut(claim: Claim, inside: bool, context: Context): void {
  let itsForm = timeForm;
  if (changetype<usize>(claim) !== changetype<usize>(timeClaim)) {
    if (claim.kind === 0 || !readTime(claim, context.utc !== 0) || ns !== time) return;
    itsForm = form;
  }
  if (itsForm >= 0) takeOut(claim, inside, twoBytes(TIME_MARK, itsForm));
}

function addMessageHole(): void {
  if (messageStart === 0 || !isMessageCommon()) return;
  if (!takesInside) {
    addHole(outer.role(MESSAGE).start, outerMessageEnd(), isPlain ? PLAIN_MESSAGE_MARK : MESSAGE_MARK);
    return;
  }
  const claim = inner.role(MESSAGE);
  addHole(once.source(claim.start), once.source(claim.end), INNER_MESSAGE_MARK);
}

/**
 * The tokens of the row but for its message, which has had its own. Of a line that the group has had, the columns may
 * be new; else all is read as it came, without the time, of which nobody looks for words.
 */
function addTokens(row: u32, start: usize, end: usize, known: bool): void {
  if (known) {
    addColumnTokens(row);
    const other = outer.role(TIME);
    if (isOtherTime(other)) textTokens(other.start, other.end);
  } else {
    const message = outer.role(MESSAGE);
    const excluded = message.kind === 0 ? changetype<Claim>(0) : message;
    tokensWithout(start, end, isTimeKnown(outer) ? outer.role(TIME) : changetype<Claim>(0), excluded);
  }
  if (!opened) return;
  if (!takesInside) {
    // The message is a text here and was read as one; its values are decoded once more.
    jsonTokens(once.text, once.end);
  } else if (!known) {
    tokensWithout(
      once.text,
      once.end,
      isTimeKnown(inner) ? inner.role(TIME) : changetype<Claim>(0),
      inner.role(MESSAGE),
    );
  }
}

/** The words of what a container wrote: of its time only where the line has another, and it is a field therefore. */
function addWrapTokens(): void {
  addNameTokens(fieldName(STREAM));
  textTokens(streamStart, streamEnd);
  if (changetype<usize>(timeClaim) === changetype<usize>(wrapTime) || wrapTime.says(timeClaim)) return;
  addNameTokens(fieldName(WRAP_TIME));
  textTokens(wrapTime.start, wrapTime.end);
}

/** Whether an object's time is the row's, word for word, so that it is no field of the record. */
function isTimeKnown(claims: Claims): bool {
  const claim = claims.role(TIME);
  if (changetype<usize>(claim) === changetype<usize>(timeClaim)) return claim.kind !== 0;
  return claim.kind === TEXT && timeClaim.kind === TEXT && claim.says(timeClaim);
}

/** The outer time was passed over for the inner one, says something else, and is a field therefore. */
function isOtherTime(claim: Claim): bool {
  return claim.kind !== 0 && claim.isText && !isTimeKnown(outer);
}

/** The tokens of JSON without two values of it. */
function tokensWithout(start: usize, end: usize, one: Claim, other: Claim): void {
  let first = one;
  let second = other;
  if (changetype<usize>(first) === 0 || (changetype<usize>(second) !== 0 && second.start < first.start)) {
    first = other;
    second = one;
  }
  if (changetype<usize>(first) !== 0) {
    jsonTokens(start, first.start);
    start = first.end;
  }
  if (changetype<usize>(second) !== 0) {
    jsonTokens(start, second.start);
    start = second.end;
  }
  jsonTokens(start, end);
}

function addColumnTokens(row: u32): void {
  for (let number = 0; number < FIRST_PROMOTED + promoted; number++) {
    const into = column(number);
    const text = into.newOf(row);
    if (text !== 0) textTokens(text + 4, text + 4 + <usize>load<u32>(text));
  }
}

/** The texts of the context, once a group. */
export function addContextTokens(context: Context): void {
  if (context.known !== 0) return;
  context.known = 1;
  textTokens(context.words, context.words + context.wordsLength);
}
