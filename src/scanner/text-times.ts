import { daysFromCivil, daysIn, twoDigits, yearOf } from './calendar';
import { textEvent } from './text-event';
import { DAY, DAY_SECONDS, ns, readDateAndTime, SECOND } from './times';

/*
 * Times of text formats. Each function sets the time of the event, or gives up.
 */

/** Bytes of `02/Jan/2024:03:04:05 +0100` and of `Jan  2 03:04:05`. */
export const ACCESS_TIME: usize = 26;
export const SYSLOG_TIME: usize = 15;
/** Of `0102 03:04:05.678901`: six digits of the second are the rule. */
export const KLOG_TIME: usize = 20;
/** A year ahead of the year of receipt, and back to the leap year before the last that was left out. */
const YEARS_BACK: i32 = 8;

/** The whole of an access log's time. */
export function readAccessTime(at: usize, received: i64): bool {
  if (load<u8>(at, 2) !== 0x2f || load<u8>(at, 6) !== 0x2f || load<u8>(at, 11) !== 0x3a || load<u8>(at, 20) !== 0x20) {
    return false;
  }
  const month = monthAt(at + 3);
  const century = twoDigits(at + 7);
  const years = twoDigits(at + 9);
  const day = twoDigits(at);
  const clock = clockAt(at + 12);
  const sign = load<u8>(at, 21);
  const hours = twoDigits(at + 22);
  const minutes = twoDigits(at + 24);
  if ((month | century | years | day | clock | hours | minutes) < 0) return false;
  if ((sign !== 0x2b && sign !== 0x2d) || hours > 14 || minutes > 59) return false;
  const year = century * 100 + years;
  // What is before 1970, or does not fit 64 bits, is no time of an event: the host tells.
  if (year < 1971 || year >= 2262 || day < 1 || day > daysIn(year, month)) return false;
  const offset = (hours * 60 + minutes) * 60;
  const seconds = secondsOf(year, month, day, clock) - <i64>(sign === 0x2d ? -offset : offset);
  return setTime(seconds * SECOND, received);
}

/** A time of RFC 3164, in UTC, in the year that puts it nearest before its receipt. */
export function readSyslogTime(at: usize, received: i64): bool {
  const month = monthAt(at);
  const day = load<u8>(at, 4) === 0x20 ? digitAt(at + 5) : twoDigits(at + 4);
  return setNearest(month, day, clockAt(at + 7), 0, received);
}

/** A time of klog, in UTC, in the year that puts it nearest before its receipt. */
export function readKlogTime(at: usize, received: i64): bool {
  let nanoseconds: i64 = 0;
  for (let digit: usize = 14; digit < KLOG_TIME; digit++) {
    const value = digitAt(at + digit);
    if (value < 0) return false;
    nanoseconds = nanoseconds * 10 + <i64>value;
  }
  return setNearest(twoDigits(at), twoDigits(at + 2), clockAt(at + 5), nanoseconds * 1000, received);
}

function setNearest(month: i32, day: i32, clock: i32, nanoseconds: i64, received: i64): bool {
  if ((month | day | clock) < 0 || month < 1 || month > 12 || received < 0) return false;
  const latest = yearOf(<i32>(received / DAY)) + 1;
  for (let year = latest; year > latest - YEARS_BACK; year--) {
    if (year < 1970 || day < 1 || day > daysIn(year, month)) continue;
    const seconds = secondsOf(year, month, day, clock);
    if (seconds <= received / SECOND + DAY_SECONDS) return setTime(seconds * SECOND + nanoseconds, received);
  }
  return false;
}

/** Whether a text begins as RFC 3164's times do, and goes on with a blank. */
export function isSyslogTime(at: usize, end: usize): bool {
  return (
    end - at > SYSLOG_TIME &&
    load<u8>(at, 3) === 0x20 &&
    load<u8>(at, 6) === 0x20 &&
    load<u8>(at, 9) === 0x3a &&
    load<u8>(at, 12) === 0x3a &&
    load<u8>(at, SYSLOG_TIME) === 0x20
  );
}

/** Whether a text begins as klog's times do. */
export function isKlogTime(at: usize, end: usize): bool {
  return (
    end - at > KLOG_TIME &&
    (twoDigits(at) | twoDigits(at + 2)) >= 0 &&
    load<u8>(at, 4) === 0x20 &&
    load<u8>(at, 7) === 0x3a &&
    load<u8>(at, 10) === 0x3a &&
    load<u8>(at, 13) === 0x2e
  );
}

/** The date and time of day between two places, with no zone or a numeric one; `dash`: what parts the date. */
export function readTextTime(at: usize, end: usize, dash: u32, utc: bool, received: i64): bool {
  if (!readDateAndTime(at, end, dash, utc) || ns < 0 || ns > received + DAY) return false;
  textEvent.time = ns;
  textEvent.hasTime = true;
  return true;
}

function setTime(time: i64, received: i64): bool {
  if (time > received + DAY) return false;
  textEvent.time = time;
  textEvent.hasTime = true;
  return true;
}

function secondsOf(year: i32, month: i32, day: i32, clock: i32): i64 {
  return daysFromCivil(year, month, day) * DAY_SECONDS + <i64>clock;
}

/** Seconds of `hh:mm:ss`; -1 where it is none, or a leap second. */
function clockAt(at: usize): i32 {
  const hour = twoDigits(at);
  const minute = twoDigits(at + 3);
  const second = twoDigits(at + 6);
  if ((hour | minute | second) < 0 || load<u8>(at, 2) !== 0x3a || load<u8>(at, 5) !== 0x3a) return -1;
  if (hour > 23 || minute > 59 || second > 59) return -1;
  return (hour * 60 + minute) * 60 + second;
}

function digitAt(at: usize): i32 {
  const digit = <i32>load<u8>(at) - 0x30;
  return <u32>digit <= 9 ? digit : -1;
}

/** The month of `Jan` and so on, from 1; -1 for any other three bytes. */
function monthAt(at: usize): i32 {
  switch (load<u32>(at) & 0xffffff) {
    case 0x6e614a:
      return 1;
    case 0x626546:
      return 2;
    case 0x72614d:
      return 3;
    case 0x727041:
      return 4;
    case 0x79614d:
      return 5;
    case 0x6e754a:
      return 6;
    case 0x6c754a:
      return 7;
    case 0x677541:
      return 8;
    case 0x706553:
      return 9;
    case 0x74634f:
      return 10;
    case 0x766f4e:
      return 11;
    case 0x636544:
      return 12;
    default:
      return -1;
  }
}
