import { isWord } from './ascii';
import { copy, equal, wordBits64 } from './bytes';
import { Column } from './columns';
import { COLUMN_MARK, twoBytes } from './holes';
import { reserve } from './memory';
import { addToken } from './token-set';
import { textTokens } from './tokens';

/*
 * The message as a column: its tokens are added, and ids that other columns of the row hold are taken out of it.
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

export function clearIds(): void {
  count = 0;
  first = 0;
  second = 0;
  third = 0;
  fourth = 0;
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
  count++;
}

/** Some message of the group begins with white space or a brace, or is empty. */
export let objects: bool = false;

/** Looks at how a message begins. */
export function lookAtMessage(at: usize, end: usize): void {
  if (at === end || load<u8>(at) <= 0x20 || load<u8>(at) === 0x7b) objects = true;
}

/** Writes a message, decoded; whether it has marks. */
export function putMessage(column: Column, row: u32, at: usize, end: usize): bool {
  lookAtMessage(at, end);
  const into = column.begin(end - at);
  if (count === 0 || hasMarkBytes(at, end)) {
    textTokens(at, end);
    copy(into, at, end - at);
    column.done(row, end - at);
    return false;
  }
  const to = marked(into, at, end);
  column.done(row, to - into);
  return taken;
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

/** `textTokens`, and where a token begins an id, its mark instead. */
function marked(to: usize, at: usize, end: usize): usize {
  taken = false;
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
        copy(to, copied, token - copied);
        to += token - copied;
        store<u16>(to, <u16>id.mark);
        to += 2;
        copied = token + id.length;
        taken = true;
        noteTaken(id.column, id.text, id.length);
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
  copy(to, copied, end - copied);
  return to + (end - copied);
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
