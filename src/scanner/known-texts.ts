import { equal, longHash } from './bytes';
import { reserveZero } from './memory';

/*
 * Texts whose tokens the filter of the group has: most values of a column, and most lines once they have marks, were
 * there before.
 */

const PLACES: usize = 1 << 13;

let table: usize = 0;

export function startKnownTexts(): void {
  table = reserveZero(PLACES << 3);
}

/** Whether the group has had this text; it takes the place of another one. It must stay where it is. */
export function isKnown(text: usize, length: usize): bool {
  const place = table + ((<usize>(longHash(text, length) >> 40) & (PLACES - 1)) << 3);
  const before = <usize>load<u32>(place);
  if (before !== 0 && load<u32>(place, 4) === <u32>length && equal(before, text, length)) return true;
  store<u32>(place, <u32>text);
  store<u32>(place, <u32>length, 4);
  return false;
}
