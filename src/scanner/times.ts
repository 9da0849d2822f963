import { isDigit } from './ascii';
import { Claim, TEXT } from './claims';
import { daysFromCivil, daysIn, twoDigits } from './calendar';
import { Entry } from './dictionary';

/*
 * Times as most programs write them: RFC 3339 with blank or `T`, `.` or `,`, any numeric zone; whole numbers and
 * decimals since 1970. All others are read by the host.
 */

export const SECOND: i64 = 1_000_000_000;
export const DAY_SECONDS: i64 = 86_400;
/** Nanoseconds. */
export const DAY: i64 = DAY_SECONDS * SECOND;
/** Beyond it nanoseconds do not fit 64 bits. */
const MOST_NS: i64 = 9_000_000_000_000_000_000;
/** `time` of the marks in the host: what a form's number is made of. */
const NO_FORM: i32 = -1;
const BLANK_FORM: i32 = 10;
const NO_SUFFIX_FORM: i32 = 20;
const OFFSET_FORM: i32 = 40;
const SECONDS_FORM: i32 = 60;

/** Nanoseconds since 1970 of the last time that was read. */
export let ns: i64 = 0;
/** The form that gives back its very text; -1 where none does. */
export let form: i32 = NO_FORM;

/** False where only the host can tell. `utc`: a time that names no zone is UTC. */
export function readTime(claim: Claim, utc: bool): bool {
  const entry = changetype<Entry>(claim.name);
  const length = claim.length;
  if (length === 0 || !claim.isText) return false;
  if (length >= 19 && load<u8>(claim.start, 4) === 0x2d) {
    return claim.kind === TEXT && readDateAndTime(claim.start, claim.end, 0x2d, utc);
  }
  return readEpoch(claim.start, claim.end, entry.microseconds !== 0);
}

/**
 * A date and a time of day, nineteen bytes at least; `dash`: what stands between the parts of the date. `form` is right
 * for a real dash alone.
 */
export function readDateAndTime(at: usize, end: usize, dash: u32, utc: bool): bool {
  const separator = load<u8>(at, 10);
  if (
    <u32>load<u8>(at, 4) !== dash ||
    <u32>load<u8>(at, 7) !== dash ||
    load<u8>(at, 13) !== 0x3a ||
    load<u8>(at, 16) !== 0x3a
  )
    return false;
  if (separator !== 0x54 && separator !== 0x20) return false;
  const century = twoDigits(at);
  const years = twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  if ((century | years | month | day | hour | minute | second) < 0) return false;
  const year = century * 100 + years;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  form = separator === 0x20 ? BLANK_FORM : 0;
  let nanoseconds: i64 = 0;
  at += 19;
  if (at < end && (load<u8>(at) === 0x2e || load<u8>(at) === 0x2c)) {
    const comma = load<u8>(at) === 0x2c;
    const first = ++at;
    while (at < end && isDigit(load<u8>(at))) {
      nanoseconds = nanoseconds * 10 + <i64>(load<u8>(at) - 0x30);
      at++;
      if (at - first > 9) return false;
    }
    const digits = <i32>(at - first);
    if (digits === 0) return false;
    for (let missing = digits; missing < 9; missing++) nanoseconds *= 10;
    form = comma ? NO_FORM : form + digits;
  }
  const offset = readOffset(at, end, utc);
  if (offset === NO_OFFSET) return false;
  const seconds = daysFromCivil(year, month, day) * DAY_SECONDS + <i64>(hour * 3600 + minute * 60 + second - offset);
  // 2262 and later goes to the host: it is clock skew.
  if (year >= 2262) return false;
  ns = seconds * SECOND + nanoseconds;
  return true;
}

const NO_OFFSET: i32 = i32.MIN_VALUE;

/** Seconds east of UTC of `Z`, `+hh:mm`, `+hhmm` or, where that means UTC, nothing. */
function readOffset(at: usize, end: usize, utc: bool): i32 {
  if (at === end) {
    if (form !== NO_FORM) form += NO_SUFFIX_FORM;
    return utc ? 0 : NO_OFFSET;
  }
  const sign = load<u8>(at);
  if (sign === 0x5a) return at + 1 === end ? 0 : NO_OFFSET;
  if (sign !== 0x2b && sign !== 0x2d) return NO_OFFSET;
  const colon = end - at === 6 && load<u8>(at, 3) === 0x3a;
  if (!colon && end - at !== 5) return NO_OFFSET;
  const hours = twoDigits(at + 1);
  const minutes = twoDigits(colon ? at + 4 : at + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NO_OFFSET;
  const offset = hours * 3600 + minutes * 60;
  if (form !== NO_FORM) form = colon && sign === 0x2b && offset === 0 ? form + OFFSET_FORM : NO_FORM;
  return sign === 0x2d ? -offset : offset;
}

/** Seconds, milli-, micro- or nanoseconds, told apart by size as the host does; of decimals seconds alone. */
function readEpoch(at: usize, end: usize, microseconds: bool): bool {
  const first = at;
  let number: i64 = 0;
  while (at < end && isDigit(load<u8>(at))) {
    number = number * 10 + <i64>(load<u8>(at) - 0x30);
    at++;
    if (at - first > 19) return false;
  }
  const digits = at - first;
  if (digits === 0 || (load<u8>(first) === 0x30 && digits > 1) || (digits === 19 && load<u8>(first) !== 0x31)) {
    return false;
  }
  if (microseconds && (digits < 15 || digits > 17)) return false;
  if (at < end) return !microseconds && digits <= 10 && readDecimals(number, at, end);
  // Of 14 or 17 digits it may be yyyyMMddHHmmss.
  const head = load<u16>(first);
  if ((digits === 14 || digits === 17) && (head === 0x3931 || head === 0x3032)) return false;
  let unit: i64 = 1;
  if (digits <= 11) unit = SECOND;
  else if (digits <= 14) unit = 1_000_000;
  else if (digits <= 17) unit = 1_000;
  if (number > MOST_NS / unit) return false;
  ns = number * unit;
  form = SECONDS_FORM + (unit === SECOND ? 0 : unit === 1_000_000 ? 1 : unit === 1_000 ? 2 : 3);
  return true;
}

function readDecimals(seconds: i64, at: usize, end: usize): bool {
  if (load<u8>(at) !== 0x2e || at + 1 === end || seconds > MOST_NS / SECOND) return false;
  let nanoseconds: i64 = 0;
  let scale: i64 = SECOND;
  for (at++; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) return false;
    scale /= 10;
    nanoseconds += <i64>digit * scale;
  }
  ns = seconds * SECOND + nanoseconds;
  form = NO_FORM;
  return true;
}

/** Writes a time in a form; the bytes it took. `to` has room for 40. */
export function writeTime(to: usize, time: i64, inForm: i32): usize {
  if (inForm >= SECONDS_FORM) return writeEpoch(to, time, inForm - SECONDS_FORM);
  const digits = inForm % 10;
  const days = time / (DAY_SECONDS * SECOND);
  const nanosecondOfDay = time - days * DAY_SECONDS * SECOND;
  const secondOfDay = <i32>(nanosecondOfDay / SECOND);
  writeDate(to, <i32>days);
  store<u8>(to, inForm % 20 < BLANK_FORM ? 0x54 : 0x20, 10);
  writeTwo(to + 11, secondOfDay / 3600);
  store<u8>(to, 0x3a, 13);
  writeTwo(to + 14, (secondOfDay / 60) % 60);
  store<u8>(to, 0x3a, 16);
  writeTwo(to + 17, secondOfDay % 60);
  let at = to + 19;
  if (digits > 0) {
    store<u8>(at++, 0x2e);
    let fraction = <u32>(nanosecondOfDay - <i64>secondOfDay * SECOND);
    for (let dropped = digits; dropped < 9; dropped++) fraction /= 10;
    for (let last = at + digits - 1; last >= at; last--) {
      store<u8>(last, <u8>(0x30 + (fraction % 10)));
      fraction /= 10;
    }
    at += digits;
  }
  const suffix = inForm / NO_SUFFIX_FORM;
  if (suffix === 0) store<u8>(at++, 0x5a);
  else if (suffix === 2) {
    // `+00:00`
    store<u32>(at, 0x3a30302b);
    store<u16>(at, 0x3030, 4);
    at += 6;
  }
  return at - to;
}

function writeDate(to: usize, days: i32): void {
  const shifted = days + 719468;
  const era = shifted / 146097;
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const part = (5 * dayOfYear + 2) / 153;
  const month = part < 10 ? part + 3 : part - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  writeTwo(to, year / 100);
  writeTwo(to + 2, year % 100);
  store<u8>(to, 0x2d, 4);
  writeTwo(to + 5, month);
  store<u8>(to, 0x2d, 7);
  writeTwo(to + 8, dayOfYear - (153 * part + 2) / 5 + 1);
}

function writeTwo(to: usize, number: i32): void {
  store<u8>(to, <u8>(0x30 + number / 10));
  store<u8>(to, <u8>(0x30 + (number % 10)), 1);
}

function writeEpoch(to: usize, time: i64, unit: i32): usize {
  let number = time / (unit === 0 ? SECOND : unit === 1 ? 1_000_000 : unit === 2 ? 1_000 : 1);
  let digits: usize = 1;
  for (let rest = number; rest >= 10; rest /= 10) digits++;
  for (let at = to + digits - 1; at >= to; at--) {
    store<u8>(at, <u8>(0x30 + (number % 10)));
    number /= 10;
  }
  return digits;
}
