/** Copies 16 bytes at a time: up to 15 behind the target's end are written too. */
export function copy(to: usize, from: usize, length: usize): void {
  const end = to + length;
  while (to < end) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
}

export function equal(a: usize, b: usize, length: usize): bool {
  while (length >= 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
    a += 16;
    b += 16;
    length -= 16;
  }
  if (length >= 8) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    a += 8;
    b += 8;
    length -= 8;
  }
  if (length === 0) return true;
  return ((load<u64>(a) ^ load<u64>(b)) & (<u64>-1 >> ((8 - <u64>length) << 3))) === 0;
}

const FIRST: u64 = 0x9e3779b97f4a7c15;
const SECOND: u64 = 0xd6e8feb86659fd93;

function mix(hash: u64, word: u64): u64 {
  const mixed = (hash ^ word) * FIRST;
  return (mixed ^ (mixed >> 32)) * SECOND;
}

/** Of a text as it is. Never 0, which stands for an empty place in a table. */
export function hashOf(at: usize, length: usize): u64 {
  let hash: u64 = <u64>length * FIRST;
  while (length > 8) {
    hash = mix(hash, load<u64>(at));
    at += 8;
    length -= 8;
  }
  if (length > 0) hash = mix(hash, load<u64>(at) & (<u64>-1 >> ((8 - <u64>length) << 3)));
  return (hash ^ (hash >> 29)) | 1;
}

/** Of a long text: four words at a time that do not wait for each other. */
export function longHash(at: usize, length: usize): u64 {
  if (length <= 32) return hashOf(at, length);
  let one: u64 = FIRST;
  let two: u64 = SECOND;
  let three: u64 = ~FIRST;
  let four: u64 = ~SECOND;
  let left = length;
  for (; left > 32; left -= 32) {
    one = rotl<u64>(one ^ load<u64>(at), 29) * FIRST;
    two = rotl<u64>(two ^ load<u64>(at, 8), 29) * FIRST;
    three = rotl<u64>(three ^ load<u64>(at, 16), 29) * FIRST;
    four = rotl<u64>(four ^ load<u64>(at, 24), 29) * FIRST;
    at += 32;
  }
  return hashOf(at, left) ^ mix(mix(one, two), mix(three, four)) ^ length;
}

/** Of a token, ASCII, upper case folded: `tokenHash` of the host, bit for bit. */
export function tokenHash(at: usize, length: usize): u64 {
  let hash: u64 = <u64>length * FIRST;
  while (length > 8) {
    hash = mix(hash, load<u64>(at) | 0x2020202020202020);
    at += 8;
    length -= 8;
  }
  hash = mix(hash, (load<u64>(at) | 0x2020202020202020) & (<u64>-1 >> ((8 - <u64>length) << 3)));
  return hash ^ (hash >> 29);
}

/** One bit for each of 16 bytes: letters, digits and `_` of ASCII. */
function wordBits(bytes: v128): u32 {
  const low = v128.or(bytes, i8x16.splat(0x20));
  const letter = i8x16.le_u(i8x16.sub(low, i8x16.splat(0x61)), i8x16.splat(25));
  const digit = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
  const underscore = i8x16.eq(bytes, i8x16.splat(0x5f));
  return <u32>i8x16.bitmask(v128.or(v128.or(letter, digit), underscore));
}

/** `wordBits` of 64 bytes. */
export function wordBits64(at: usize): u64 {
  return (
    <u64>wordBits(v128.load(at)) |
    ((<u64>wordBits(v128.load(at, 16))) << 16) |
    ((<u64>wordBits(v128.load(at, 32))) << 32) |
    ((<u64>wordBits(v128.load(at, 48))) << 48)
  );
}

/** One bit for each of 64 bytes that are this one. */
export function bits64Of(at: usize, byte: u8): u64 {
  const wanted = i8x16.splat(byte);
  return (
    <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), wanted))) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted)))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 32), wanted)))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 48), wanted)))) << 48)
  );
}

/** Sets one bit of many, the lowest of a byte first. */
export function setBit(bits: usize, number: usize): void {
  const at = bits + (number >>> 3);
  store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(number & 7))));
}
