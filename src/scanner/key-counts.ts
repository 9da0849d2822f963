import { copy, equal, hashOf, setBit } from './bytes';
import { reserve, reserveZero } from './memory';

/*
 * How often each key comes with a text or a number, and with how many different ones: the columns of the next segment
 * are chosen from it. Counted in a sample of the rows.
 */

const MOST_KEYS: u32 = 512;
const PLACES: usize = 2048;
/** Longer names have no column. */
const MOST_NAME: usize = 64;
/** Different values are estimated by the bits that their hashes set (linear counting). */
const VALUE_BITS: usize = 1024;

@unmanaged
export class KeyCount {
  hash: u64;
  name: usize;
  length: usize;
  rows: u32;
  padding: u32;
}

const COUNT: usize = offsetof<KeyCount>();

let table: usize = 0;
let keys: usize = 0;
let count: u32 = 0;
/** How many rows the one that is looked at stands for. */
let weight: u32 = 1;

export function startKeyCounts(): void {
  table = reserveZero(PLACES << 2);
  keys = reserve(<usize>MOST_KEYS * (COUNT + (VALUE_BITS >>> 3)));
  count = 0;
}

export function setWeight(rows: u32): void {
  weight = rows;
}

export function keyCounts(): u32 {
  return count;
}

export function keyCountAt(number: u32): KeyCount {
  return changetype<KeyCount>(keys + <usize>number * (COUNT + (VALUE_BITS >>> 3)));
}

function valueBitsOf(key: KeyCount): usize {
  return changetype<usize>(key) + COUNT;
}

/** `hash`: `hashOf` the name. */
export function countKey(name: usize, length: usize, hash: u64, start: usize, end: usize): void {
  if (length > MOST_NAME) return;
  let place = <usize>(hash >> 40) & (PLACES - 1);
  for (;;) {
    const number = load<u32>(table + (place << 2));
    if (number === 0) break;
    const key = keyCountAt(number - 1);
    if (key.hash === hash && key.length === length && equal(key.name, name, length)) {
      key.rows += weight;
      addValue(key, start, end);
      return;
    }
    place = (place + 1) & (PLACES - 1);
  }
  if (count === MOST_KEYS) return;
  const key = keyCountAt(count);
  key.hash = hash;
  key.name = reserve(length + 16);
  copy(key.name, name, length);
  key.length = length;
  key.rows = weight;
  memory.fill(valueBitsOf(key), 0, VALUE_BITS >>> 3);
  addValue(key, start, end);
  count++;
  store<u32>(table + (place << 2), count);
}

function addValue(key: KeyCount, start: usize, end: usize): void {
  const bit = <usize>(hashOf(start, end - start) >> 20) & (VALUE_BITS - 1);
  setBit(valueBitsOf(key), bit);
}
