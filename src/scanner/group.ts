import { Column } from './columns';
import { reserve } from './memory';
import { Texts } from './texts';

/*
 * The row group that is being filled.
 */

/** Columns of texts before the promoted ones, in the order of the marks. */
export const SERVICE_COLUMN: i32 = 0;
export const HOST_COLUMN: i32 = 1;
export const TRACE_COLUMN: i32 = 2;
export const SPAN_COLUMN: i32 = 3;
export const FIRST_PROMOTED: i32 = 4;
/** What the marks of times that messages begin with have for the number of their column, as the host's `MESSAGE_TIME_NUMBER`. */
export const MESSAGE_TIME: i32 = 62;

/** Row flags, as `ROW_FLAGS` of the host has them. */
export const NON_ASCII: u32 = 1;
export const BACKSLASH: u32 = 2;
export const UNICODE_ESCAPE: u32 = 4;
export const NO_TIME: u32 = 16;
export const JSON: u32 = 32;
export const MARKS: u32 = 64;
export const WHOLE: u32 = 128;
export const OPAQUE: u32 = 256;

/** What the host says of the events of a frame beside their bytes. All members are 32 bits: the host writes them. */
@unmanaged
export class Context {
  /** Row flags that all rows have. */
  flags: u32;
  /** One of the formats below. */
  format: u32;
  /** Times that name no zone are UTC. */
  utc: u32;
  /** Used where the event says nothing; 0 for none. */
  service: usize;
  serviceLength: usize;
  host: usize;
  hostLength: usize;
  /** The context as it is stored. */
  json: usize;
  jsonLength: usize;
  /** All texts of it that a query may look for. */
  words: usize;
  wordsLength: usize;
  /** For each promoted column a `ContextValue`. */
  values: usize;
  /** Its words are in the filter of this group. */
  known: u32;
}

/** `Context.format`: the scanner finds it for each line; one that it reads; one that only the host does. */
export const DETECT: u32 = 0;
export const JSON_FORMAT: u32 = 1;
export const ACCESS: u32 = 2;
export const SYSLOG: u32 = 3;
export const PLAIN: u32 = 4;
export const LOGFMT: u32 = 5;
export const KLOG: u32 = 6;
export const CRI: u32 = 7;
export const SYSLOG_5424: u32 = 8;
/** Either of the two. */
export const ANY_SYSLOG: u32 = 9;
export const OTHER: u32 = 10;

/** What the context says of a promoted key. */
@unmanaged
export class ContextValue {
  when: u32;
  text: usize;
  length: usize;
  padding: u32;
}

export function contextValue(context: Context, number: i32): ContextValue {
  return changetype<ContextValue>(context.values + <usize>number * offsetof<ContextValue>());
}

/** `ContextValue.when`: where the event has no such field; whatever the event has. */
export const BY_DEFAULT: u32 = 1;
export const ALWAYS: u32 = 2;

export let promoted: i32 = 0;
let columns: usize = 0;
export let rows: u32 = 0;
export let mostRows: u32 = 0;
/** The filter cannot know all words of the group. */
export let isOpen: bool = false;
/** Flags that some row has. */
export let allFlags: u32 = 0;
/** Levels that some row has: bit 0 is level 0. */
export let allLevels: u32 = 0;
export let rawBytes: f64 = 0;
/** The first and the last time of all rows. */
export let minTime: i64 = i64.MAX_VALUE;
export let maxTime: i64 = i64.MIN_VALUE;
/** Nanoseconds: events from `dayStart` up to before `dayEnd` become rows. */
export let dayStart: i64 = 0;
export let dayEnd: i64 = 0;

/** By row. */
export let times: usize = 0;
export let flags: usize = 0;
export let levels: usize = 0;
export let starts: usize = 0;
export let ends: usize = 0;
export let events: usize = 0;

export function setPromoted(count: i32): void {
  promoted = count;
}

const COLUMN: usize = offsetof<Column>();
/** After so many rows, and as many again, it is seen which columns have values that come again. A multiple of 8. */
const SETTLED_ROWS: u32 = 1024;

/** Texts, in the order of the file: roles, promoted keys, message, rest, line_b, ctx, mt. */
export function column(number: i32): Column {
  return changetype<Column>(columns + <usize>number * COLUMN);
}

export function messageColumn(): Column {
  return column(FIRST_PROMOTED + promoted);
}

export function restColumn(): Column {
  return column(FIRST_PROMOTED + promoted + 1);
}

export function bytesColumn(): Column {
  return column(FIRST_PROMOTED + promoted + 2);
}

export function contextColumn(): Column {
  return column(FIRST_PROMOTED + promoted + 3);
}

export function messageTimeColumn(): Column {
  return column(FIRST_PROMOTED + promoted + 4);
}

export function columnCount(): i32 {
  return FIRST_PROMOTED + promoted + 5;
}

export function startGroup(most: u32, from: i64, to: i64): void {
  mostRows = most;
  dayStart = from;
  dayEnd = to;
  rows = 0;
  rawBytes = 0;
  minTime = i64.MAX_VALUE;
  maxTime = i64.MIN_VALUE;
  isOpen = false;
  allFlags = 0;
  allLevels = 0;
  const wide = (<usize>most) << 3;
  const narrow = (<usize>most) << 2;
  times = reserve(wide);
  flags = reserve(narrow);
  levels = reserve(narrow);
  starts = reserve(narrow);
  ends = reserve(narrow);
  events = reserve(narrow);
  columns = reserve(<usize>columnCount() * COLUMN);
  for (let number = 0; number < columnCount(); number++) {
    const into = column(number);
    // What is not UTF-8 hardly comes twice.
    into.start(most, reserve(2 * offsetof<Texts>()), into !== bytesColumn());
  }
}

export function openGroup(): void {
  isOpen = true;
}

/** Ends a row whose texts are in the columns. */
export function addRow(event: u32, start: usize, end: usize, time: i64, level: i32, rowFlags: u32): void {
  const narrow = (<usize>rows) << 2;
  store<i64>(times + ((<usize>rows) << 3), time);
  store<u32>(flags + narrow, rowFlags);
  store<i32>(levels + narrow, level);
  store<u32>(starts + narrow, <u32>start);
  store<u32>(ends + narrow, <u32>end);
  store<u32>(events + narrow, event);
  if (time < minTime) minTime = time;
  if (time > maxTime) maxTime = time;
  allFlags |= rowFlags;
  allLevels |= 1 << level;
  rawBytes += <f64>(end - start + 1);
  rows++;
  if (rows % SETTLED_ROWS === 0) {
    for (let number = 0; number < columnCount(); number++) column(number).settle(rows, SETTLED_ROWS);
  }
}
