/** Where generated logs begin: long past, for a store takes no time from the future as it is. */
const START_US = Date.UTC(2026, 0, 15) * 1000;

/**
 * A clock of generated logs: each call is 1 to 2 * mean - 1 microseconds after the last, so that no two events have one
 * time. Gives RFC 3339 with six digits.
 */
export function clockOf(random, meanUs) {
  let us = START_US;
  let second = -1;
  let prefix = '';
  return () => {
    us += 1 + random.below(2 * meanUs - 1);
    const now = Math.floor(us / 1_000_000);
    if (now !== second) {
      second = now;
      prefix = new Date(now * 1000).toISOString().slice(0, 20);
    }
    return `${prefix}${String(us - now * 1_000_000).padStart(6, '0')}Z`;
  };
}
