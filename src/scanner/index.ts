import { startCounts } from './counts';
import { startDictionary } from './dictionary';
import { AS_CLAIMS, AS_TEXT, BY_HOST, readEvent } from './event';
import { Context, dayEnd, dayStart, mostRows, rows, setPromoted, startGroup } from './group';
import { startHoles } from './holes';
import { otherDay, parseSlowly } from './host';
import { setWeight, startKeyCounts } from './key-counts';
import { makeRoom, startLines, time } from './line';
import { dropGroup, keepMemory, resetMemory } from './memory';
import { startMarks, startMessages } from './message';
import { startRebuild } from './rebuild';
import { putRow, setRepeated } from './row';
import { putSlowRow, startSlowRows } from './slow-row';
import { startPri } from './syslog-pri';
import { countFields, startTextEvents, startTextRows, textEvent } from './text-event';
import { putTextRow } from './text-row';
import { setTrigramWords, startTokens } from './token-set';
import { textTokens } from './tokens';
import { DAY } from './times';
import { startPairs } from './pairs';
import { startWalk } from './walk';
import { startWraps } from './wrap';

/*
 * What the host calls. First `begin`, the words of the dictionary, `ready`; then for each row group `startRows`,
 * `load` and `scan` as often as there are events, `finish…`.
 */

export { addWord, describeWord } from './dictionary';
export { findLines, foundLines, lineCount } from './lines';
export { markedColumns, objects, wordColumns } from './message';
export { firstDifferentRow } from './rebuild';
export { heldText, hold, reserve } from './memory';
export { slowArea } from './slow-row';
export { describeFacility } from './syslog-pri';
export { describeField } from './text-event';
export {
  allFlags,
  allLevels,
  column,
  events,
  flags,
  isOpen,
  levels,
  maxTime,
  minTime,
  rawBytes,
  rows,
  times,
} from './group';
export { keyCountAt, keyCounts } from './key-counts';
export { pairAt, pairCount, tooManyPairs } from './counts';
export { makeTokenFilter, makeTrigramFilter, tokenCount, trigramWords } from './token-set';

/** Rows of a group that are all sampled for the statistics of keys, and one of how many is after them. */
const SAMPLED_ROWS: u32 = 256;
const SAMPLE: u32 = 16;

/**
 * Forgets all. `words`: how many the dictionary will have at most; `repeated`: bytes from which on a promoted value is
 * taken out of the message; `trigramWords`: 64-bit words of the trigram filter before it is folded.
 */
export function begin(columns: i32, words: i32, repeated: u32, trigramWords: u32): void {
  resetMemory();
  setRepeated(repeated);
  setTrigramWords(trigramWords);
  setPromoted(columns);
  let places: usize = 1024;
  while (places < (<usize>words) << 1) places <<= 1;
  startDictionary(places);
  startWalk();
  startHoles();
  startMessages();
  startRebuild();
  startLines(<u32>columns);
  startTextEvents();
  startPri();
  startPairs();
  startWraps();
}

/** The dictionary is whole. */
export function ready(): void {
  keepMemory();
}

/** Begins a row group: at most so many rows of [dayFrom, dayTo), nanoseconds; about as many tokens as the last had. */
export function startRows(most: u32, dayFrom: i64, dayTo: i64, tokens: u32): void {
  dropGroup();
  // A group that there was no memory for may have left some.
  others = 0;
  startGroup(most, dayFrom, dayTo);
  startTokens(tokens);
  startCounts();
  startKeyCounts();
  startMarks();
  startSlowRows();
  startTextRows();
}

let eventStarts: usize = 0;
let eventEnds: usize = 0;
let eventNumbers: usize = 0;

/** The events that `scan` reads: arrays of 32 bits of addresses and of numbers in the host's block. */
export function setEvents(starts: usize, ends: usize, numbers: usize, count: u32): void {
  eventStarts = starts;
  eventEnds = ends;
  eventNumbers = numbers;
  let longest: u32 = 0;
  const end = starts + ((<usize>count) << 2);
  for (let at = starts; at < end; at += 4) longest = max(longest, load<u32>(at - starts + ends) - load<u32>(at));
  makeRoom(longest);
}

/** Makes addresses of so many offsets of 32 bits. */
export function moveOffsets(at: usize, count: u32, by: i32): void {
  for (const end = at + ((<usize>count) << 2); at < end; at += 4) store<i32>(at, load<i32>(at) + by);
}

/** Reads events `from` to before `to` of those set; gives the first that was not looked at, where the rows are full. */
export function scan(from: u32, to: u32, contextAt: usize, received: i64): u32 {
  const context = changetype<Context>(contextAt);
  for (let at = from; at < to; at++) {
    if (rows === mostRows) {
      tellOthers();
      return at;
    }
    const place = (<usize>at) << 2;
    const start = <usize>load<u32>(eventStarts + place);
    const end = <usize>load<u32>(eventEnds + place);
    const event = load<u32>(eventNumbers + place);
    const counts = rows < SAMPLED_ROWS || rows % SAMPLE === 0;
    setWeight(rows < SAMPLED_ROWS ? 1 : SAMPLE);
    const read = readEvent(start, end, context, received, counts);
    if (read === BY_HOST) {
      tellOthers();
      if (parseSlowly(event)) putSlowRow(event, start, end, context);
      continue;
    }
    const itsTime = read === AS_TEXT ? textEvent.time : time;
    if (itsTime < dayStart || itsTime >= dayEnd) addOther(event, <i32>(itsTime / DAY));
    else if (read === AS_CLAIMS) putRow(event, start, end, context);
    else {
      if (counts) countFields();
      putTextRow(event, start, end, context);
    }
  }
  tellOthers();
  return to;
}

/** Events of another day that follow each other, and are not told yet. */
let othersFrom: u32 = 0;
let others: u32 = 0;
let othersDay: i32 = 0;

function addOther(event: u32, day: i32): void {
  if (day !== othersDay || event !== othersFrom + others) tellOthers();
  if (others === 0) othersFrom = event;
  othersDay = day;
  others++;
}

function tellOthers(): void {
  if (others !== 0) otherDay(othersFrom, others, othersDay);
  others = 0;
}

/** Adds the tokens of a text to the filter. */
export function addText(at: usize, length: usize): void {
  textTokens(at, at + length);
}
