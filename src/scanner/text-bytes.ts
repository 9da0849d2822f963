import { isUtf8 } from './utf8';

/*
 * What bytes a line of text has.
 */

/** Of the last line: bytes above 0x7f, backslashes, and `\u` or `\U` among them. */
export let textNonAscii: bool = false;
export let textBackslash: bool = false;
export let textUnicodeEscape: bool = false;

/** Whether marks can be laid in a line and it is UTF-8 without a mark of order at its start. */
export function look(at: usize, end: usize): bool {
  const start = at;
  const slash = i8x16.splat(0x5c);
  const one = i8x16.splat(1);
  const most = i8x16.splat(5);
  let high: u32 = 0;
  let slashes: u32 = 0;
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const there: u32 = end - at < 16 ? (1 << (<u32>(end - at))) - 1 : 0xffff;
    if ((<u32>i8x16.bitmask(i8x16.le_u(i8x16.sub(bytes, one), most)) & there) !== 0) return false;
    high |= <u32>i8x16.bitmask(bytes) & there;
    slashes |= <u32>i8x16.bitmask(i8x16.eq(bytes, slash)) & there;
  }
  textNonAscii = high !== 0;
  textBackslash = slashes !== 0;
  textUnicodeEscape = textBackslash && hasUnicodeEscape(start, end);
  return !textNonAscii || ((load<u32>(start) & 0xffffff) !== 0xbfbbef && isUtf8(start, end));
}

function hasUnicodeEscape(at: usize, end: usize): bool {
  for (; at + 1 < end; at++) {
    if (load<u8>(at) === 0x5c && (<u32>load<u8>(at, 1) | 0x20) === 0x75) return true;
  }
  return false;
}
