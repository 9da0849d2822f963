import { bits64Of, wordBits64 } from './bytes';
import { addToken } from './token-set';

/*
 * Tokens: runs of ASCII letters, digits and `_`. All other bytes separate, those of other scripts too.
 */

/** Adds the tokens of a decoded text. */
export function textTokens(at: usize, end: usize): void {
  let open: usize = 0;
  for (; at < end; at += 64) {
    let words = wordBits64(at);
    if (end - at < 64) words &= ((<u64>1) << (<u64>(end - at))) - 1;
    open = runs(at, words, open);
  }
  if (open !== 0) addToken(open, end - open);
}

/** Adds the tokens of the inside of JSON, as it was sent: an escape separates, all six characters of `\u` too. */
export function jsonTokens(at: usize, end: usize): void {
  let open: usize = 0;
  // Bits of the next block that belong to an escape which begins in this one.
  let carried: u64 = 0;
  for (; at < end; at += 64) {
    let words = wordBits64(at);
    const slashes = bits64Of(at, 0x5c);
    if ((slashes | carried) !== 0) {
      let escaped: u64 = carried;
      let rest = slashes & ~carried;
      carried = 0;
      while (rest !== 0) {
        const place = ctz<u64>(rest);
        const letter = load<u8>(at + <usize>place, 1);
        const length: u64 = letter === 0x75 ? 5 : 1;
        const bits = ((<u64>1) << length) - 1;
        // Shifts of 64 would be shifts of 0.
        if (place < 63) escaped |= bits << (place + 1);
        if (place + length > 63) carried = bits >> (63 - place);
        rest &= ~(((<u64>1) << place) | escaped);
      }
      words &= ~escaped;
    }
    if (end - at < 64) words &= ((<u64>1) << (<u64>(end - at))) - 1;
    open = runs(at, words, open);
  }
  if (open !== 0) addToken(open, end - open);
}

/**
 * Adds the runs of one block. `open`: where a run began that the block before did not end, or 0; gives the same for the
 * next block.
 */
function runs(at: usize, words: u64, open: usize): usize {
  if (open !== 0) {
    if (words === ~(<u64>0)) return open;
    const length = ctz<u64>(~words);
    addToken(open, at + <usize>length - open);
    words &= (<u64>-1) << length;
  }
  while (words !== 0) {
    const first = ctz<u64>(words);
    const behind = ~(words >> first);
    const length: u64 = behind === 0 ? 64 : ctz<u64>(behind);
    if (first + length >= 64) return at + <usize>first;
    addToken(at + <usize>first, <usize>length);
    words &= (<u64>-1) << (first + length);
  }
  return 0;
}
