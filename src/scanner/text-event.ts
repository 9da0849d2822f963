import { hashOf } from './bytes';
import { countKey } from './key-counts';
import { reserve, reserveZero } from './memory';
import { textTokens } from './tokens';

/*
 * What a line of text says, in a format that is not JSON. Nearly every value stands in the line as it is.
 */

/** Names of fields that text formats have, by the numbers that the host teaches them with (`TEXT_FIELDS`). */
export const CLIENT_IP: u32 = 0;
export const IDENT: u32 = 1;
export const USER: u32 = 2;
export const REQUEST: u32 = 3;
export const METHOD: u32 = 4;
export const PATH: u32 = 5;
export const PROTOCOL: u32 = 6;
export const STATUS: u32 = 7;
export const BYTES: u32 = 8;
export const REFERRER: u32 = 9;
export const USER_AGENT: u32 = 10;
export const EXTRA: u32 = 11;
export const PID: u32 = 12;
export const THREAD: u32 = 13;
export const CALLER: u32 = 14;
export const STREAM: u32 = 15;
/** Times that are not the event's own. */
export const TIME: u32 = 16;
export const TIMESTAMP: u32 = 17;
export const FACILITY: u32 = 18;
export const SEVERITY: u32 = 19;
export const PROCID: u32 = 20;
export const MSGID: u32 = 21;
const NAMES: usize = 22;

/** Fields of one event. */
const MOST_FIELDS: usize = 16;

@unmanaged
export class TextEvent {
  /** Nanoseconds since 1970: that of receipt where the line has none. */
  time: i64;
  hasTime: bool;
  /** Where it stands before the message, and the form that gives its text back; -1: it stays there. */
  timeStart: usize;
  timeEnd: usize;
  timeForm: i32;
  level: i32;
  /** 0 where the line has none. */
  service: usize;
  serviceLength: usize;
  host: usize;
  hostLength: usize;
  /** The message goes on to the end of the line. */
  message: usize;
  end: usize;
  fields: u32;
}

@unmanaged
export class Field {
  name: u32;
  start: usize;
  end: usize;
  /** What stands for it in the message; 0 where it stands there itself, or nowhere in it. */
  mark: u32;
}

@unmanaged
export class FieldName {
  text: usize;
  length: usize;
  /** Number of the promoted column; -1 for none. */
  column: i32;
  /** Its words are in the filter of this group. */
  known: bool;
}

export let textEvent: TextEvent = changetype<TextEvent>(0);
let fields: usize = 0;
let names: usize = 0;

export function startTextEvents(): void {
  textEvent = changetype<TextEvent>(reserve(offsetof<TextEvent>()));
  fields = reserve(MOST_FIELDS * offsetof<Field>());
  names = reserveZero(NAMES * offsetof<FieldName>());
}

export function startTextRows(): void {
  for (let number: u32 = 0; number < <u32>NAMES; number++) fieldName(number).known = false;
}

/** Teaches the name of a field; the text must stay where it is. `column`: of the promoted key, or -1. */
export function describeField(number: u32, text: usize, length: usize, column: i32): void {
  const name = fieldName(number);
  name.text = text;
  name.length = length;
  name.column = column;
}

export function fieldName(number: u32): FieldName {
  return changetype<FieldName>(names + <usize>number * offsetof<FieldName>());
}

export function fieldAt(at: u32): Field {
  return changetype<Field>(fields + <usize>at * offsetof<Field>());
}

export function clearTextEvent(received: i64, end: usize): void {
  textEvent.time = received;
  textEvent.hasTime = false;
  textEvent.timeForm = -1;
  textEvent.level = 0;
  textEvent.service = 0;
  textEvent.host = 0;
  textEvent.end = end;
  textEvent.fields = 0;
}

export function addField(name: u32, start: usize, end: usize): void {
  const field = fieldAt(textEvent.fields);
  field.name = name;
  field.start = start;
  field.end = end;
  textEvent.fields++;
}

/** Counts the names and values of the fields for the choice of columns. */
export function countFields(): void {
  for (let at: u32 = 0; at < textEvent.fields; at++) {
    const field = fieldAt(at);
    const name = fieldName(field.name);
    countKey(name.text, name.length, hashOf(name.text, name.length), field.start, field.end);
  }
}

/** The words of a field's name, once a group. */
export function addNameTokens(name: FieldName): void {
  if (name.known) return;
  name.known = true;
  textTokens(name.text, name.text + name.length);
}
