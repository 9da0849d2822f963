import { digitsEnd } from './ascii';
import { DEBUG, ERROR, FATAL, INFO, WARN } from './levels';
import { reserve } from './memory';
import { addField, FACILITY, SEVERITY, textEvent } from './text-event';

/*
 * `<PRI>`: facility * 8 + severity (RFC 5424, 6.2.1), as `takePri` of the host reads it.
 */

const FACILITIES: usize = 24;
/** Above it is none; the host says so. */
const MOST_PRI: u32 = 191;

/** Of each facility the address and the length of its name. */
let names: usize = 0;
/** `0` to `7`. */
let digits: usize = 0;

export function startPri(): void {
  names = reserve(FACILITIES << 3);
  digits = reserve(16);
  for (let digit: usize = 0; digit < 8; digit++) store<u8>(digits + digit, <u8>(0x30 + digit));
}

/** Teaches the name of a facility; the text must stay where it is. */
export function describeFacility(number: u32, text: usize, length: usize): void {
  store<u32>(names + ((<usize>number) << 3), <u32>text);
  store<u32>(names + ((<usize>number) << 3), <u32>length, 4);
}

/** Where `<PRI>` at the start of a text ends; 0 where there is none. */
export function priEnd(at: usize, end: usize): usize {
  if (at >= end || load<u8>(at) !== 0x3c) return 0;
  const first = ++at;
  at = digitsEnd(at, end);
  return at > first && at - first <= 3 && at < end && load<u8>(at) === 0x3e ? at + 1 : 0;
}

/** Takes level and facility from the `<PRI>` at the start of a text, if that is one. */
export function readPri(at: usize, end: usize): bool {
  const stop = priEnd(at, end);
  if (stop === 0) return false;
  let pri: u32 = 0;
  for (at++; at < stop - 1; at++) pri = pri * 10 + <u32>load<u8>(at) - 0x30;
  if (pri > MOST_PRI) return false;
  const severity = pri & 7;
  textEvent.level = levelOf(severity);
  // What the level does not tell of it stays a field.
  if (severity <= 1 || severity === 5) addField(SEVERITY, digits + <usize>severity, digits + <usize>severity + 1);
  const name = names + ((<usize>(pri >>> 3)) << 3);
  const text = <usize>load<u32>(name);
  addField(FACILITY, text, text + <usize>load<u32>(name, 4));
  return true;
}

function levelOf(severity: u32): i32 {
  if (severity <= 2) return FATAL;
  if (severity === 3) return ERROR;
  if (severity === 4) return WARN;
  return severity === 7 ? DEBUG : INFO;
}
