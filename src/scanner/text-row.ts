import { digitsEnd, isWord } from './ascii';
import { copy } from './bytes';
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
  MARKS,
  messageColumn,
  NO_TIME,
  NON_ASCII,
  promoted,
  restColumn,
  rows,
  SERVICE_COLUMN,
  UNICODE_ESCAPE,
} from './group';
import { addHole, clearHoles, COLUMN_MARK, PLAIN_MESSAGE_MARK, putRest, TIME_MARK, twoBytes } from './holes';
import { clearIds, hasMarkBytes, lookAtMessage, noteTaken, putMessage } from './message';
import { addContextTokens } from './row';
import { addNameTokens, Field, fieldAt, fieldName, textEvent } from './text-event';
import { textBackslash, textNonAscii, textUnicodeEscape } from './text-bytes';
import { textTokens } from './tokens';

/*
 * Makes a row of the line of text that was read last.
 */

/** Shorter fields, `HTTP/1.1` for one, stay in the message: they come again and again, and marks make it dearer to search. */
const SHORTEST_FIELD: usize = 10;

export function putTextRow(event: u32, start: usize, end: usize, context: Context): void {
  const row = rows;
  const said = textEvent;
  clearHoles();
  clearIds();
  let service = putRole(row, SERVICE_COLUMN, said.service, said.serviceLength);
  let serviceLength = said.serviceLength;
  if (service === 0 && context.service !== 0) {
    serviceLength = context.serviceLength;
    service = column(SERVICE_COLUMN).put(row, context.service, serviceLength);
  }
  const host = putRole(row, HOST_COLUMN, said.host, said.hostLength);
  if (host === 0 && context.host !== 0) column(HOST_COLUMN).put(row, context.host, context.hostLength);
  const taken = putFields(row, context);
  if (taken) putMarked(row, said.message, said.end);
  const marks = taken || putMessage(row, said.message, said.end, false);
  addHole(said.message, said.end, PLAIN_MESSAGE_MARK);
  if (said.timeForm >= 0) addHole(said.timeStart, said.timeEnd, twoBytes(TIME_MARK, said.timeForm));
  putRest(restColumn(), row, start, end);
  contextColumn().put(row, context.json, context.jsonLength);
  addContextTokens(context);
  let flags = context.flags;
  if (textNonAscii) flags |= NON_ASCII;
  if (textBackslash) flags |= BACKSLASH;
  if (textUnicodeEscape) flags |= UNICODE_ESCAPE;
  if (!said.hasTime) flags |= NO_TIME;
  if (marks) flags |= MARKS;
  countRow(service, service === 0 ? 0 : serviceLength, said.level, said.time);
  addRow(event, start, end, said.time, said.level, flags);
}

/** Takes a role that stands before the message out of the line: where it is then, or 0. */
function putRole(row: u32, number: i32, text: usize, length: usize): usize {
  if (text === 0) return 0;
  const into = column(number);
  const put = into.put(row, text, length);
  if (into.isNew) textTokens(text, text + length);
  addHole(text, text + length, twoBytes(COLUMN_MARK, number));
  return put;
}

/**
 * Puts fields into their columns, for filters, and says whether some are to be taken out of the message. The others stay in
 * the line, and their words are the message's if they stand in it.
 */
function putFields(row: u32, context: Context): bool {
  const message = textEvent.message;
  const end = textEvent.end;
  let mayTake = true;
  let taken = false;
  let claimed: u64 = 0;
  for (let at: u32 = 0; at < textEvent.fields; at++) {
    const field = fieldAt(at);
    const name = fieldName(field.name);
    const isInside = field.start >= message && field.start < end;
    field.mark = 0;
    if (!isInside) textTokens(field.start, field.end);
    addNameTokens(name);
    if (name.column < 0 || isAlways(context, name.column)) continue;
    const number = FIRST_PROMOTED + name.column;
    const into = column(number);
    into.put(row, field.start, field.end - field.start);
    claimed |= (<u64>1) << (<u64>name.column);
    if (!isInside || !mayTake || !isAlone(field, message, end)) continue;
    if (!taken && hasMarkBytes(message, end)) mayTake = false;
    else {
      taken = true;
      field.mark = twoBytes(COLUMN_MARK, number);
      noteTaken(number, field.start, field.end - field.start);
      // In a group that has had it, its words are.
      if (into.isNew) textTokens(field.start, field.end);
    }
  }
  putContextValues(row, context, claimed);
  return taken;
}

/**
 * Whether a field is long enough to be taken out of the message, stands between characters of no word, and is no number,
 * whose column may have no text.
 */
function isAlone(field: Field, message: usize, end: usize): bool {
  const start = field.start;
  if (field.end - start < SHORTEST_FIELD || digitsEnd(start, field.end) === field.end) return false;
  return (start === message || !isWord(load<u8>(start - 1))) && (field.end === end || !isWord(load<u8>(field.end)));
}

/** Writes the message with marks for the fields that are taken out of it, and adds the words between them. */
function putMarked(row: u32, at: usize, end: usize): void {
  lookAtMessage(at, end);
  const into = messageColumn();
  const start = into.begin(end - at);
  let to = start;
  for (let number: u32 = 0; number < textEvent.fields; number++) {
    const field = fieldAt(number);
    if (field.mark === 0) continue;
    to = putBetween(to, at, field.start);
    store<u16>(to, <u16>field.mark);
    to += 2;
    at = field.end;
  }
  into.done(row, putBetween(to, at, end) - start);
}

function putBetween(to: usize, at: usize, end: usize): usize {
  textTokens(at, end);
  copy(to, at, end - at);
  return to + (end - at);
}

function putContextValues(row: u32, context: Context, claimed: u64): void {
  if (context.values === 0) return;
  for (let number = 0; number < promoted; number++) {
    const value = contextValue(context, number);
    const isClaimed = ((claimed >> <u64>number) & 1) !== 0;
    if (value.when === ALWAYS || (value.when === BY_DEFAULT && !isClaimed)) {
      column(FIRST_PROMOTED + number).put(row, value.text, value.length);
    }
  }
}

function isAlways(context: Context, number: i32): bool {
  return context.values !== 0 && contextValue(context, number).when === ALWAYS;
}
