// Numbers that look random and are the same for the same seed, on every machine.

const HEX = Array.from({ length: 65_536 }, (_, n) => n.toString(16).padStart(4, '0'));

/** sfc32 (C. Doty-Humphrey, PractRand): 2^128 states, four additions a number. */
export function randomOf(seed) {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // Seeds that are alike give numbers that are not, once they have gone round.
  for (let round = 0; round < 16; round++) next();

  const below = (n) => Math.floor((next() / 4_294_967_296) * n);
  return {
    /** A whole number from 0 to n - 1. */
    below,
    pick: (list) => list[below(list.length)],
    /** As `pick`, the first ones far more often, as users and paths are. */
    pickEarly: (list) => list[Math.floor((next() / 4_294_967_296) ** 3 * list.length)],
    /** Hexadecimal digits, a multiple of four. */
    hex(digits) {
      let text = '';
      for (let at = 0; at < digits; at += 8) {
        const number = next();
        text += HEX[number >>> 16];
        if (at + 4 < digits) text += HEX[number & 0xffff];
      }
      return text;
    },
  };
}
