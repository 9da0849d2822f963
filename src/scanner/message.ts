import { isWord } from './ascii';
import { copy, equal, wordBits64 } from './bytes';
import { MESSAGE_TIME, messageColumn, messageTimeColumn } from './group';
import { COLUMN_MARK, twoBytes } from './holes';
import { reserve } from './memory';
import { timeEnd } from './message-time';
import { addToken } from './token-set';
import { textTokens } from './tokens';

/*
 * The message as a column: its tokens are added, and a time that it begins with and ids that other columns of the row hold
 * are taken out of it. Without these most messages are some that the group has had, whose tokens are there.
 */

/** Shorter values stay. A word of 64 bits is compared first. */
const SHORTEST_ID: usize = 8;
const MOST_IDS: u32 = 4;

@unmanaged
class Id {
  word: u64;
  text: usize;
  length: usize;
  mark: u32;
  column: u32;
}

const ID: usize = offsetof<Id>();

let ids: usize = 0;
let count: u32 = 0;

export function startMessages(): void {
  ids = reserve(<usize>MOST_IDS * ID);
}

/** The first eight bytes of each, 0 where there are fewer: no token begins with it. */
let first: u64 = 0;
let second: u64 = 0;
let third: u64 = 0;
let fourth: u64 = 0;
/** All of those bytes are of words, in each. */
let beginWithWord: bool = true;

export function clearIds(): void {
  count = 0;
  first = 0;
  second = 0;
  third = 0;
  fourth = 0;
  beginWithWord = true;
}

/** A value of the row that the message may repeat, and the index of its column. */
export function addId(text: usize, length: usize, column: i32): void {
  if (count === MOST_IDS || length < SHORTEST_ID || !isWord(load<u8>(text))) return;
  const id = changetype<Id>(ids + <usize>count * ID);
  id.word = load<u64>(text);
  id.text = text;
  id.length = length;
  id.mark = twoBytes(COLUMN_MARK, column);
  id.column = <u32>column;
  fourth = third;
  third = second;
  second = first;
  first = id.word;
  if ((wordBits64(text) & 0xff) !== 0xff) beginWithWord = false;
  count++;
}

/** Some message of the group begins with white space or a brace, or is empty. */
export let objects: bool = false;

/** Looks at how a message begins. */
export function lookAtMessage(at: usize, end: usize): void {
  if (at === end || load<u8>(at) <= 0x20 || load<u8>(at) === 0x7b) objects = true;
}

/** Writes a message, decoded; whether it has marks. `isClean`: it surely has no byte that marks have. */
export function putMessage(row: u32, at: usize, end: usize, isClean: bool): bool {
  lookAtMessage(at, end);
  const column = messageColumn();
  const into = column.begin(end - at);
  const mayHaveMarks = isClean || !hasMarkBytes(at, end);
  taken = false;
  const from = mayHaveMarks ? timeTakenOut(row, into, at, end) : at;
  let to = into;
  if (from !== at) to += load<u8>(at) === OPENING ? 3 : 2;
  const hasIds = mayHaveMarks && count > 0;
  const isNumbered = column.isNumbered();
  if (!hasIds) to = putAll(to, from, end);
  else if (isNumbered) to = idsTakenOut(to, from, end);
  else to = marked(to, from, end);
  column.done(row, to - into);
  // `marked` has added them; of a message that the group has had, they are there.
  if (isNumbered ? column.isNew : !hasIds) textTokens(from, end);
  return taken;
}

const OPENING: u8 = 0x5b;

/** Puts a time that a message begins with, perhaps behind a bracket, into its column and a mark in its place; where it goes on. */
function timeTakenOut(row: u32, to: usize, at: usize, end: usize): usize {
  const start = at < end && load<u8>(at) === OPENING ? at + 1 : at;
  const behind = timeEnd(start, end);
  if (behind === 0) return at;
  if (start !== at) store<u8>(to++, OPENING);
  store<u16>(to, <u16>twoBytes(COLUMN_MARK, MESSAGE_TIME));
  const column = messageTimeColumn();
  column.put(row, start, behind - start);
  if (column.isNew) textTokens(start, behind);
  taken = true;
  noteTaken(MESSAGE_TIME, start, behind - start);
  return behind;
}

function putAll(to: usize, at: usize, end: usize): usize {
  copy(to, at, end - at);
  return to + (end - at);
}

let taken: bool = false;

/** Columns that some message of the group has a mark of: bit 0 is the first. */
export let markedColumns: u64 = 0;

/** Those of them that have taken out something else than hexadecimal digits and `-`. */
export let wordColumns: u64 = 0;

export function startMarks(): void {
  markedColumns = 0;
  wordColumns = 0;
  objects = false;
}

/** Notes of a column that a value of it was taken out of a message. */
export function noteTaken(number: u32, text: usize, length: usize): void {
  const bit = (<u64>1) << (<u64>number);
  markedColumns |= bit;
  if ((wordColumns & bit) === 0 && !isHex(text, length)) wordColumns |= bit;
}

/** Hexadecimal digits of any case, and `-`. */
function isHex(at: usize, length: usize): bool {
  const end = at + length;
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const digit = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
    const letter = i8x16.le_u(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(5));
    const hex = v128.or(v128.or(digit, letter), i8x16.eq(bytes, i8x16.splat(0x2d)));
    const others = ~(<u32>i8x16.bitmask(hex)) & 0xffff;
    if (others !== 0) return at + <usize>ctz<u32>(others) >= end;
  }
  return true;
}

/** A message that has one of 0x01 to 0x06 cannot have marks. */
export function hasMarkBytes(at: usize, end: usize): bool {
  const one = i8x16.splat(1);
  const most = i8x16.splat(5);
  for (; at < end; at += 16) {
    const found = <u32>i8x16.bitmask(i8x16.le_u(i8x16.sub(v128.load(at), one), most));
    if (found !== 0) return at + <usize>ctz<u32>(found) < end;
  }
  return false;
}

/** Bytes of which is known whether a word of eight and more begins there, by the 64 from the first of them on. */
const LOOKED_AT: usize = 57;

/** Puts marks in the place of ids. */
function idsTakenOut(to: usize, at: usize, end: usize): usize {
  let copied = at;
  let before: u64 = 0;
  for (; at < end; at += LOOKED_AT) {
    const words = wordBits64(at);
    let starts = words & ~((words << 1) | before) & (((<u64>1) << LOOKED_AT) - 1);
    before = (words >> (LOOKED_AT - 1)) & 1;
    if (beginWithWord) starts &= runsOfEight(words);
    if (end - at < LOOKED_AT) starts &= ((<u64>1) << (<u64>(end - at))) - 1;
    for (; starts !== 0; starts &= starts - 1) {
      const token = at + <usize>ctz<u64>(starts);
      const word = load<u64>(token);
      if ((word !== first && word !== second && word !== third && word !== fourth) || token < copied) continue;
      const id = idAt(token, end);
      if (id === null) continue;
      to = putMark(putAll(to, copied, token), id);
      copied = token + id.length;
    }
  }
  return putAll(to, copied, end);
}

/** Where eight bits that are set begin. */
function runsOfEight(bits: u64): u64 {
  const two = bits & (bits >> 1);
  const four = two & (two >> 2);
  return four & (four >> 4);
}

function putMark(to: usize, id: Id): usize {
  store<u16>(to, <u16>id.mark);
  taken = true;
  noteTaken(id.column, id.text, id.length);
  return to + 2;
}

/** `textTokens`, and where a token begins an id, its mark instead. */
function marked(to: usize, at: usize, end: usize): usize {
  let copied = at;
  let open: usize = 0;
  for (; at < end; at += 64) {
    let words = wordBits64(at);
    if (end - at < 64) words &= ((<u64>1) << (<u64>(end - at))) - 1;
    if (at < copied) {
      // The id that was taken out goes on into this block.
      const inside = <u64>(copied - at);
      if (inside >= 64) continue;
      words &= (<u64>-1) << inside;
    }
    if (open !== 0) {
      if (words === ~(<u64>0)) continue;
      const length = ctz<u64>(~words);
      addToken(open, at + <usize>length - open);
      words &= (<u64>-1) << length;
      open = 0;
    }
    while (words !== 0) {
      const start = ctz<u64>(words);
      const token = at + <usize>start;
      const word = load<u64>(token);
      let id: Id | null = null;
      if (word === first || word === second || word === third || word === fourth) id = idAt(token, end);
      if (id !== null) {
        to = putMark(putAll(to, copied, token), id);
        copied = token + id.length;
        const behind = start + <u64>id.length;
        if (behind >= 64) break;
        words &= (<u64>-1) << behind;
        continue;
      }
      const rest = ~(words >> start);
      const length: u64 = rest === 0 ? 64 : ctz<u64>(rest);
      if (start + length >= 64) {
        open = token;
        break;
      }
      addToken(token, <usize>length);
      words &= (<u64>-1) << (start + length);
    }
  }
  if (open !== 0) addToken(open, end - open);
  return putAll(to, copied, end);
}

/** The id that the token at `at` begins, whole and not part of a longer word. */
function idAt(at: usize, end: usize): Id | null {
  const word = load<u64>(at);
  for (let place = ids; place < ids + <usize>count * ID; place += ID) {
    const id = changetype<Id>(place);
    if (id.word !== word || at + id.length > end || !equal(id.text, at, id.length)) continue;
    if (at + id.length === end || !isWord(load<u8>(at + id.length))) return id;
  }
  return null;
}
