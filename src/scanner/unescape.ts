import { hex4 } from './json-text';

/*
 * The inside of a JSON string as what it says. The text of each level has a map back to where it came from, so that
 * what is found in it can be taken out of the line.
 */

/** A text with its escapes read. */
@unmanaged
export class Decoded {
  /** Room for as many bytes as the longest event, and for a map of as many pairs. */
  text: usize;
  end: usize;
  /** Pairs (address in `text`, address it came from): from there on, up to the next pair, both go on in step. */
  map: usize;
  pairs: u32;

  /** Reads the string inside [from, end), which is valid. */
  read(from: usize, end: usize): void {
    const slashes = i8x16.splat(0x5c);
    let to = this.text;
    this.pairs = 0;
    this.pair(to, from);
    while (from < end) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      const found = <u32>i8x16.bitmask(i8x16.eq(bytes, slashes));
      const plain: usize = found === 0 ? 16 : <usize>ctz<u32>(found);
      if (from + plain >= end) {
        to += end - from;
        break;
      }
      from += plain;
      to += plain;
      if (found === 0) continue;
      this.pair(to, from);
      const letter = load<u8>(from, 1);
      if (letter === 0x75) {
        const code = hex4(from + 2);
        const isPair = code >= 0xd800 && code <= 0xdbff;
        to = writeCode(to, isPair ? 0x10000 + ((code - 0xd800) << 10) + (hex4(from + 8) - 0xdc00) : code);
        from += isPair ? 12 : 6;
      } else {
        store<u8>(to++, characterOf(letter));
        from += 2;
      }
      this.pair(to, from);
    }
    this.end = to;
  }

  private pair(decoded: usize, source: usize): void {
    const at = this.map + ((<usize>this.pairs) << 3);
    store<u32>(at, <u32>decoded);
    store<u32>(at, <u32>source, 4);
    this.pairs++;
  }

  /** Where a place of the text, at the start or the end of an escape or outside of one, came from. */
  source(at: usize): usize {
    let low: u32 = 0;
    let high = this.pairs;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (<usize>load<u32>(this.map + ((<usize>middle) << 3)) <= at) low = middle;
      else high = middle;
    }
    const pair = this.map + ((<usize>low) << 3);
    return <usize>load<u32>(pair, 4) + (at - <usize>load<u32>(pair));
  }
}

function characterOf(letter: u8): u8 {
  switch (letter) {
    case 0x6e:
      return 0x0a;
    case 0x74:
      return 0x09;
    case 0x72:
      return 0x0d;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    default:
      return letter;
  }
}

/** UTF-8 of a code point that is no surrogate. */
function writeCode(to: usize, code: i32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)));
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 1);
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)));
    store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 1);
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 2);
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)));
  store<u8>(to, <u8>(0x80 | ((code >> 12) & 0x3f)), 1);
  store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 2);
  store<u8>(to, <u8>(0x80 | (code & 0x3f)), 3);
  return to + 4;
}
