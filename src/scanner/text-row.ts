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
import { clearIds, putMessage } from './message';
import { addContextTokens } from './row';
import { addNameTokens, fieldAt, fieldName, textEvent } from './text-event';
import { textBackslash, textNonAscii, textUnicodeEscape } from './text-bytes';
import { textTokens } from './tokens';

/*
 * Makes a row of the line of text that was read last.
 */

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
  putFields(row, context);
  putMessage(messageColumn(), row, said.message, said.end);
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

/** Fields stay in the line: their columns are for filters, and their words are the message's if they stand in it. */
function putFields(row: u32, context: Context): void {
  let claimed: u64 = 0;
  for (let at: u32 = 0; at < textEvent.fields; at++) {
    const field = fieldAt(at);
    const name = fieldName(field.name);
    if (field.start < textEvent.message || field.start >= textEvent.end) textTokens(field.start, field.end);
    addNameTokens(name);
    if (name.column < 0 || isAlways(context, name.column)) continue;
    column(FIRST_PROMOTED + name.column).put(row, field.start, field.end - field.start);
    claimed |= (<u64>1) << (<u64>name.column);
  }
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
