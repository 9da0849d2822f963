import { equal, hashOf } from './bytes';
import { reserve, reserveZero } from './memory';

/*
 * The host's tables of words: names of roles, levels, promoted keys. Each word belongs to a space, so that `level`
 * inside `log` is another word than `level` alone.
 */

/** The space of the names at the top of an object. */
export const TOP: i32 = 0;

/** A word and what the host says of it. */
@unmanaged
export class Entry {
  hash: u64;
  text: usize;
  length: usize;
  /** Number of the role; -1 for none. Of a level's word: the number of the level. */
  role: i32;
  /** How early the alias stands in the table: the lowest wins. */
  rank: i32;
  /** Number of the promoted column; -1 for none. */
  column: i32;
  /** Space of the names that are roles inside this one, where its value is an object; 0 for none. */
  inside: i32;
  /** Of a name of the level: 256 bytes, what number means what level. Else 0. */
  numbers: usize;
  /** Of a name of the time: numbers under it count microseconds, whatever their size. */
  microseconds: i32;
}

const ENTRY: usize = offsetof<Entry>();
const SPACE: u64 = 0xa0761d6478bd642f;

let table: usize = 0;
let mask: usize = 0;

/** `places`: a power of two, at least twice as many as there will be words. */
export function startDictionary(places: usize): void {
  table = reserveZero(places * sizeof<usize>());
  mask = places - 1;
}

/** A new word, or the one that is there. The text must stay where it is. */
export function addWord(space: i32, text: usize, length: usize): usize {
  const known = changetype<usize>(findWord(space, text, length, hashOf(text, length)));
  if (known !== 0) return known;
  const at = reserve(ENTRY);
  const entry = changetype<Entry>(at);
  entry.hash = spaced(space, hashOf(text, length));
  entry.text = text;
  entry.length = length;
  entry.role = -1;
  entry.rank = 0;
  entry.column = -1;
  entry.inside = 0;
  entry.numbers = 0;
  entry.microseconds = 0;
  let place = placeOf(entry.hash);
  while (entryAt(place) !== 0) place = (place + 1) & mask;
  store<usize>(table + place * sizeof<usize>(), at);
  return at;
}

/** Says what a word is, as the members of `Entry`. */
export function describeWord(
  word: usize,
  role: i32,
  rank: i32,
  column: i32,
  inside: i32,
  numbers: usize,
  microseconds: i32,
): void {
  const entry = changetype<Entry>(word);
  entry.role = role;
  entry.rank = rank;
  entry.column = column;
  entry.inside = inside;
  entry.numbers = numbers;
  entry.microseconds = microseconds;
}

/** `hash` is `hashOf` the text. */
export function findWord(space: i32, text: usize, length: usize, hash: u64): Entry | null {
  const wanted = spaced(space, hash);
  let place = placeOf(wanted);
  for (let at = entryAt(place); at !== 0; at = entryAt(place)) {
    const entry = changetype<Entry>(at);
    if (entry.hash === wanted && entry.length === length && equal(entry.text, text, length)) return entry;
    place = (place + 1) & mask;
  }
  return null;
}

function entryAt(place: usize): usize {
  return load<usize>(table + place * sizeof<usize>());
}

function spaced(space: i32, hash: u64): u64 {
  return hash ^ (<u64>space * SPACE);
}

function placeOf(hash: u64): usize {
  return <usize>(hash >> 40) & mask;
}
