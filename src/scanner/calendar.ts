/*
 * The calendar, and digits.
 */

/** -1 or below where these are no two digits. */
export function twoDigits(at: usize): i32 {
  const high = <i32>load<u8>(at) - 0x30;
  const low = <i32>load<u8>(at, 1) - 0x30;
  return <u32>high <= 9 && <u32>low <= 9 ? high * 10 + low : -1;
}

export function daysIn(year: i32, month: i32): i32 {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"), for years from 1970. */
export function daysFromCivil(year: i32, month: i32, day: i32): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>(era * 146097 + dayOfEra - 719468);
}

/** The year of a day since 1970: the inverse of `daysFromCivil`. */
export function yearOf(days: i32): i32 {
  const shifted = days + 719468;
  const era = shifted / 146097;
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  // Its years begin in March.
  return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0);
}
