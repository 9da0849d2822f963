import { hashOf } from './bytes';
import { BOOLEAN, Claims, ESCAPED_TEXT, NESTED, NULL, OTHER_NUMBER, TEXT, WHOLE_NUMBER } from './claims';
import { Entry, findWord, TOP } from './dictionary';
import { escapes, numberEnd, skipBlanks, stringEnd, whole, wordEnd } from './json-text';
import { countKey } from './key-counts';
import { reserve } from './memory';

/*
 * Reads one JSON object strictly: every value of it, however deep, is checked; the names at its top, and those one
 * deeper that may be roles, are looked up. Gives up, by 0, on what is not JSON and on whatever needs more than the
 * bytes to be judged: the host looks at such an event.
 */

/** Deeper, or with more members in all, goes to the host, which has limits of its own. */
const MOST_DEPTH: u32 = 64;
const MOST_MEMBERS: u32 = 500;
/** Longer names go to the host: it moves fields with names above 256 UTF-16 units. */
const MOST_NAME: usize = 256;
/** Numbers of more digits are not given back by JavaScript. */
const SAFE_DIGITS: usize = 15;

/** Names that are nobody's; those nested in one that is somebody's have spaces of their own, from 1 on. */
const DEEP: i32 = -1;

/** Hashes of the names of all objects that are open. */
let names: usize = 0;
let nameCount: u32 = 0;
let members: u32 = 0;
let depth: u32 = 0;
/** Whether the last object was given up for what the scanner does not judge: without that, it is not JSON. */
export let gaveUp: bool = false;
let claims: Claims = changetype<Claims>(0);
let counting: bool = false;

/** What the last value was and where; of a string the inside of the quotes. */
let kind: u32 = 0;
let start: usize = 0;
let stop: usize = 0;

export function startWalk(): void {
  names = reserve((<usize>(MOST_MEMBERS + 2)) << 3);
}

/** Where the object that begins at `at` ends. `counts`: its keys are counted for the choice of columns. */
export function walkObject(at: usize, end: usize, into: Claims, counts: bool): usize {
  claims = into;
  counting = counts;
  nameCount = 0;
  members = 0;
  depth = 0;
  gaveUp = false;
  return object(at, end, TOP);
}

function giveUp(): usize {
  gaveUp = true;
  return 0;
}

function object(at: usize, end: usize, space: i32): usize {
  if (++depth >= MOST_DEPTH) return giveUp();
  const firstName = nameCount;
  let seen: u64 = 0;
  at = skipBlanks(at + 1, end);
  if (at < end && load<u8>(at) === 0x7d) {
    depth--;
    return at + 1;
  }
  for (;;) {
    if (at >= end || load<u8>(at) !== 0x22) return 0;
    const name = at + 1;
    at = stringEnd(name, end);
    if (at === 0) return 0;
    if (++members >= MOST_MEMBERS || escapes !== 0 || at - name > MOST_NAME) return giveUp();
    const length = at - name;
    const hash = hashOf(name, length);
    const bit: u64 = (<u64>1) << (hash >> 58);
    if ((seen & bit) !== 0 && isNameThere(hash, firstName)) return giveUp();
    seen |= bit;
    store<u64>(names + ((<usize>nameCount) << 3), hash);
    nameCount++;
    at = skipBlanks(at + 1, end);
    if (at >= end || load<u8>(at) !== 0x3a) return 0;
    at = skipBlanks(at + 1, end);
    let entry: Entry | null = null;
    if (space !== DEEP) entry = findWord(space, name, length, hash);
    at = member(at, end, space, entry);
    if (at === 0) return 0;
    if (space === TOP && counting && kind <= OTHER_NUMBER && !isRole(entry)) countKey(name, length, hash, start, stop);
    at = skipBlanks(at, end);
    if (at >= end) return 0;
    const next = load<u8>(at);
    if (next === 0x7d) break;
    if (next !== 0x2c) return 0;
    at = skipBlanks(at + 1, end);
  }
  nameCount = firstName;
  depth--;
  return at + 1;
}

function isRole(entry: Entry | null): bool {
  return entry !== null && entry.role >= 0;
}

/** Some name of the object that is open has this hash; another name with the same one is rare enough to ask about. */
function isNameThere(hash: u64, from: u32): bool {
  const end = names + ((<usize>nameCount) << 3);
  for (let at = names + ((<usize>from) << 3); at < end; at += 8) if (load<u64>(at) === hash) return true;
  return false;
}

function member(at: usize, end: usize, space: i32, entry: Entry | null): usize {
  if (entry === null) return value(at, end);
  if (space === TOP && entry.inside !== 0 && at < end && load<u8>(at) === 0x7b) {
    const first = at;
    at = object(at, end, entry.inside);
    kind = NESTED;
    start = first;
    stop = at;
    return at;
  }
  at = value(at, end);
  if (at === 0) return 0;
  if (space !== TOP) {
    // Objects inside are no roles, and neither is a number that JavaScript would change: to the host it is an object.
    if (kind === NESTED) return at;
    if (kind === OTHER_NUMBER || (kind === WHOLE_NUMBER && stop - start > SAFE_DIGITS)) return giveUp();
  }
  return claims.take(entry, kind, start, stop, kind === ESCAPED_TEXT ? escapes : 0) ? at : giveUp();
}

function value(at: usize, end: usize): usize {
  if (at >= end) return 0;
  const first = at;
  switch (load<u8>(at)) {
    case 0x22:
      at = stringEnd(at + 1, end);
      if (at === 0) return 0;
      kind = escapes === 0 ? TEXT : ESCAPED_TEXT;
      start = first + 1;
      stop = at;
      return at + 1;
    case 0x7b:
      at = object(at, end, DEEP);
      kind = NESTED;
      break;
    case 0x5b:
      at = array(at, end);
      kind = NESTED;
      break;
    case 0x74:
    case 0x66:
      at = wordEnd(at, end);
      kind = BOOLEAN;
      break;
    case 0x6e:
      at = wordEnd(at, end);
      kind = NULL;
      break;
    default:
      at = numberEnd(at, end);
      kind = whole ? WHOLE_NUMBER : OTHER_NUMBER;
  }
  start = first;
  stop = at;
  return at;
}

function array(at: usize, end: usize): usize {
  if (++depth >= MOST_DEPTH) return giveUp();
  at = skipBlanks(at + 1, end);
  if (at < end && load<u8>(at) === 0x5d) {
    depth--;
    return at + 1;
  }
  for (;;) {
    at = value(at, end);
    if (at === 0) return 0;
    at = skipBlanks(at, end);
    if (at >= end) return 0;
    const next = load<u8>(at);
    if (next === 0x5d) break;
    if (next !== 0x2c) return 0;
    at = skipBlanks(at + 1, end);
  }
  depth--;
  return at + 1;
}
