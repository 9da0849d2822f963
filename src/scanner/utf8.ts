/** Whether every byte is below 0x80. */
export function isAscii(at: usize, end: usize): bool {
  for (; at + 64 <= end; at += 64) {
    const all = v128.or(v128.or(v128.load(at), v128.load(at, 16)), v128.or(v128.load(at, 32), v128.load(at, 48)));
    if (i8x16.bitmask(all) !== 0) return false;
  }
  return asciiEnd(at, end) >= end;
}

/** Where the first byte above 0x7f is, or `end`. */
export function asciiEnd(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const others = <u32>i8x16.bitmask(v128.load(at));
    if (others !== 0) return min(at + <usize>ctz<u32>(others), end);
  }
  return end;
}

/** Whether the bytes are UTF-8 (RFC 3629): nothing overlong, no surrogates, nothing above U+10FFFF. */
export function isUtf8(at: usize, end: usize): bool {
  while (at < end) {
    const bits = <u32>i8x16.bitmask(v128.load(at));
    if (bits === 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz<u32>(bits);
    if (at >= end) return true;
    const first = <u32>load<u8>(at);
    let length: usize = 2;
    let least: u32 = 0x80;
    let most: u32 = 0xbf;
    if (first < 0xc2 || first > 0xf4) return false;
    if (first >= 0xe0) {
      length = 3;
      if (first === 0xe0) least = 0xa0;
      else if (first === 0xed) most = 0x9f;
      else if (first >= 0xf0) {
        length = 4;
        if (first === 0xf0) least = 0x90;
        else if (first === 0xf4) most = 0x8f;
      }
    }
    if (at + length > end) return false;
    const second = <u32>load<u8>(at, 1);
    if (second < least || second > most) return false;
    if (length > 2 && (load<u8>(at, 2) & 0xc0) !== 0x80) return false;
    if (length > 3 && (load<u8>(at, 3) & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}
