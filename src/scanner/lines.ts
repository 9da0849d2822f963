import { bits64Of } from './bytes';
import { dropGroup, reserve } from './memory';

/*
 * Finds the lines of a text; what it finds takes the place of a row group.
 */

const LINE_FEED: u8 = 0x0a;

/** By line that is not empty, 32 bits each: offsets where it begins and ends, and its number; room for as many as were to be found. */
export let foundLines: usize = 0;
/** How many lines there are, those that are empty too. */
export let lineCount: u32 = 0;

/** Finds `most` lines, `base` added to their offsets: how many there are, perhaps more than those. */
export function findLines(text: usize, bytes: usize, base: u32, most: u32): u32 {
  dropGroup();
  foundLines = reserve(<usize>most * 12);
  const wide = (<usize>most) << 2;
  let found: u32 = 0;
  let number: u32 = 0;
  let start: usize = 0;
  for (let block: usize = 0; block < bytes; block += 64) {
    let feeds = bits64Of(text + block, LINE_FEED);
    if (bytes - block < 64) feeds &= ((<u64>1) << (<u64>(bytes - block))) - 1;
    for (; feeds !== 0; feeds &= feeds - 1) {
      const end = block + <usize>ctz<u64>(feeds);
      if (end > start) {
        if (found < most) put(found, wide, base + <u32>start, base + <u32>end, number);
        found++;
      }
      number++;
      start = end + 1;
    }
  }
  if (start < bytes) {
    if (found < most) put(found, wide, base + <u32>start, base + <u32>bytes, number);
    found++;
    number++;
  }
  lineCount = number;
  return found;
}

function put(at: u32, wide: usize, start: u32, end: u32, number: u32): void {
  const place = foundLines + ((<usize>at) << 2);
  store<u32>(place, start);
  store<u32>(place + wide, end);
  store<u32>(place + (wide << 1), number);
}
