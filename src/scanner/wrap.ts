import { visibleEnd } from './ascii';
import { hashOf } from './bytes';
import { Claim, Claims, newClaim, TEXT } from './claims';
import { Entry, findWord, TOP } from './dictionary';
import { countKey } from './key-counts';
import { reserveZero } from './memory';
import { fieldName, STREAM } from './text-event';
import { DAY, form, ns, readTime } from './times';

/*
 * What containerd and CRI-O write before each line of a program: `TIME stdout F `.
 */

/** Of the time: a date, `T`, and as many bytes as that may have behind it. */
const SHORTEST_TIME: usize = 11 + 8;
const LONGEST_TIME: usize = 11 + 40;

/** The container's own time; its kind is 0 where no container has wrapped the line. */
export let wrapTime: Claim = changetype<Claim>(0);
export let streamStart: usize = 0;
export let streamEnd: usize = 0;

export function startWraps(): void {
  wrapTime = newClaim();
  // Its numbers are those of any time.
  wrapTime.name = reserveZero(offsetof<Entry>());
}

/** Nanoseconds of it, and the form that gives its text back. */
export let wrapNs: i64 = 0;
export let wrapForm: i32 = -1;

export function clearWrap(): void {
  wrapTime.kind = 0;
}

/** `readWrap`: only the host can tell. */
export const UNSURE_WRAP: usize = 1;

/** Where the line of the program begins; 0 where there is no such wrap. */
export function readWrap(at: usize, end: usize, utc: bool, received: i64): usize {
  const time = at;
  if (end - at < SHORTEST_TIME || load<u8>(at, 4) !== 0x2d || load<u8>(at, 10) !== 0x54) return 0;
  at = visibleEnd(at, end);
  const length = at - time;
  // What is a blank in another script ends the time as well.
  if (at < end && load<u8>(at) !== 0x20) return UNSURE_WRAP;
  if (length < SHORTEST_TIME || length > LONGEST_TIME || at + 10 > end) return 0;
  streamStart = at + 1;
  streamEnd = at + 7;
  // `stdout`, `stderr`, and a blank.
  const head = load<u32>(streamStart);
  const rest = load<u32>(streamStart, 3) & 0xffffff;
  if (!(head === 0x6f647473 && rest === 0x74756f) && !(head === 0x65647473 && rest === 0x727265)) return 0;
  // ` F `: else there are tags, or a part of a line.
  if ((load<u32>(streamEnd) & 0xffffff) !== 0x204620) return UNSURE_WRAP;
  wrapTime.kind = TEXT;
  wrapTime.start = time;
  wrapTime.end = time + length;
  if (!readTime(wrapTime, utc) || ns > received + DAY) return UNSURE_WRAP;
  wrapNs = ns;
  wrapForm = form;
  return streamEnd + 3;
}

/** Gives the name of the stream to the column it may have. */
export function claimStream(into: Claims, counts: bool): void {
  const name = fieldName(STREAM);
  const hash = hashOf(name.text, name.length);
  const entry = findWord(TOP, name.text, name.length, hash);
  if (entry !== null) into.take(entry, TEXT, streamStart, streamEnd, 0);
  if (counts) countKey(name.text, name.length, hash, streamStart, streamEnd);
}
