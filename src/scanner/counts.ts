import { equal, hashOf } from './bytes';
import { reserve, reserveZero } from './memory';

/*
 * Rows by service, level and hour.
 */

const HOUR: i64 = 3_600_000_000_000;
const MOST_PAIRS: u32 = 1000;
const PLACES: usize = 4096;

@unmanaged
export class Pair {
  /** 0 with length 0: rows without a service; an empty service has an address. */
  service: usize;
  length: usize;
  level: i32;
  hour: u32;
  rows: u32;
  padding: u32;
}

const PAIR: usize = offsetof<Pair>();

let table: usize = 0;
let pairs: usize = 0;
let count: u32 = 0;
let last: Pair = changetype<Pair>(0);
/** There are more than are counted. */
export let tooManyPairs: bool = false;

export function startCounts(): void {
  table = reserveZero(PLACES << 2);
  pairs = reserve(<usize>MOST_PAIRS * PAIR);
  count = 0;
  last = changetype<Pair>(0);
  tooManyPairs = false;
}

export function pairCount(): u32 {
  return count;
}

export function pairAt(number: u32): Pair {
  return changetype<Pair>(pairs + <usize>number * PAIR);
}

/** `service`: where it stays, 0 for none. */
export function countRow(service: usize, length: usize, level: i32, time: i64): void {
  if (tooManyPairs) return;
  const hour = <u32>(time / HOUR);
  if (changetype<usize>(last) === 0 || !isPair(last, service, length, level, hour)) {
    last = findPair(service, length, level, hour);
    if (tooManyPairs) return;
  }
  last.rows++;
}

function isPair(pair: Pair, service: usize, length: usize, level: i32, hour: u32): bool {
  return (
    pair.level === level &&
    pair.hour === hour &&
    pair.length === length &&
    (pair.service === 0) === (service === 0) &&
    equal(pair.service, service, length)
  );
}

function findPair(service: usize, length: usize, level: i32, hour: u32): Pair {
  const hash = hashOf(service, length) ^ ((<u64>hour * 32 + <u64>level) * 0xd6e8feb86659fd93);
  let place = <usize>(hash >> 44) & (PLACES - 1);
  for (;;) {
    const number = load<u32>(table + (place << 2));
    if (number === 0) break;
    const pair = pairAt(number - 1);
    if (isPair(pair, service, length, level, hour)) return pair;
    place = (place + 1) & (PLACES - 1);
  }
  if (count === MOST_PAIRS) {
    tooManyPairs = true;
    return last;
  }
  const pair = pairAt(count);
  pair.service = service;
  pair.length = length;
  pair.level = level;
  pair.hour = hour;
  pair.rows = 0;
  count++;
  store<u32>(table + (place << 2), count);
  return pair;
}
