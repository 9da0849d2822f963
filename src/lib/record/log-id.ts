/** Crockford's base32: digits and capitals without I, L, O, U; sorts as its value does. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const DIGITS = new Map([...ALPHABET].map((character, value) => [character, BigInt(value)] as const));

/** The parts of a log id. */
export interface LogId {
  /** Receive time, milliseconds since 1970. */
  readonly receivedMs: number;
  /** 12 hexadecimal digits. */
  readonly writer: string;
  readonly seq: number;
  readonly line: number;
}

/** `value` in `length` characters, five bits each, the highest first; for values below 2^53. */
function encode(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < length; at += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/**
 * The id of an event: 32 characters that sort by receive time (48 bits), writer (48), frame (40) and line (24).
 */
export function formatLogId(receivedMs: number, writerHex: string, seq: number, line: number): string {
  const writer = Number.parseInt(writerHex, 16);
  // 160 bits as 45 + 50 + 40 + 25, each below 2^53: the last three bits of time go with the upper 47 of the writer, its
  // last bit with the upper 39 of the sequence, the last bit of that with the line.
  const first = Math.floor(receivedMs / 8);
  const second = (receivedMs % 8) * 2 ** 47 + Math.floor(writer / 2);
  const third = (writer % 2) * 2 ** 39 + Math.floor(seq / 2);
  const fourth = (seq % 2) * 2 ** 24 + line;
  return encode(first, 9) + encode(second, 10) + encode(third, 8) + encode(fourth, 5);
}

/** Ids of events of one frame, by the index of their first line: as `formatLogId`, for a tenth of the work. */
export function logIdsOf(receivedMs: number, writerHex: string, seq: number): (line: number) => string {
  const prefix = formatLogId(receivedMs, writerHex, seq, 0).slice(0, LOG_ID_PREFIX);
  const odd = (seq % 2) * 2 ** 24;
  return (line) => prefix + encode(odd + line, 5);
}

/** Characters of an id that are the same for all lines of a frame. */
export const LOG_ID_PREFIX = 27;

/** The parts of an id made by `formatLogId`; undefined for any other text. Lower case is read too. */
export function parseLogId(id: string): LogId | undefined {
  if (id.length !== 32) return undefined;
  let value = 0n;
  for (const character of id.toUpperCase()) {
    const digit = DIGITS.get(character);
    if (digit === undefined) return undefined;
    value = value * 32n + digit;
  }
  return {
    receivedMs: Number(value >> 112n),
    writer: ((value >> 64n) & 0xffff_ffff_ffffn).toString(16).padStart(12, '0'),
    seq: Number((value >> 24n) & 0xff_ffff_ffffn),
    line: Number(value & 0xff_ffffn),
  };
}
