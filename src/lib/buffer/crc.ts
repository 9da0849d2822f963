import { crc32 } from './crc32.ts';

/*
 * JSON that carries its own CRC-32: the last member is `"crc":` and the decimal sum right-aligned in ten characters
 * (JSON allows the spaces), so that the sum can be computed over the text as written with crc 0 and then be put in
 * without moving a byte.
 */
const WIDTH = 10;
const MEMBER = '"crc":';
const ZERO = '0'.padStart(WIDTH);
const ZERO_BYTES = Buffer.from(ZERO, 'latin1');
/** `"crc":` + ten characters + `}` + LF. */
const TAIL = MEMBER.length + WIDTH + 2;

/**
 * One line of JSON with its CRC as last member, LF included. The sum covers the line as written with crc 0, LF
 * included, and then `payload`.
 */
export function jsonWithCrc(value: object, payload?: Uint8Array): Buffer {
  const text = JSON.stringify(value);
  const open = text === '{}' ? '{' : `${text.slice(0, -1)},`;
  const bytes = Buffer.from(`${open}${MEMBER}${ZERO}}\n`, 'utf8');
  const head = crc32(bytes);
  const sum = payload === undefined || payload.length === 0 ? head : crc32(payload, head);
  bytes.write(String(sum).padStart(WIDTH), bytes.length - 2 - WIDTH, 'latin1');
  return bytes;
}

/**
 * The CRC written in a line made by `jsonWithCrc` and the one its bytes have (without payload): undefined when the
 * line does not end as such a line does. The line includes its LF.
 */
export function crcOfLine(line: Uint8Array): { readonly written: number; readonly head: number } | undefined {
  if (line.length < TAIL + 1) return undefined;
  const tail = Buffer.from(line.buffer, line.byteOffset + line.length - TAIL, TAIL).toString('latin1');
  if (!tail.startsWith(MEMBER) || !tail.endsWith('}\n')) return undefined;
  const digits = tail.slice(MEMBER.length, -2).trimStart();
  if (!/^\d{1,10}$/.test(digits)) return undefined;
  const before = crc32(line.subarray(0, line.length - 2 - WIDTH));
  return { written: Number(digits), head: crc32(line.subarray(line.length - 2), crc32(ZERO_BYTES, before)) };
}

/** The value of a file that is one line made by `jsonWithCrc`, its `crc` included; undefined when a byte of it is wrong. */
export function parseJsonWithCrc(bytes: Uint8Array): unknown {
  const sum = crcOfLine(bytes);
  if (sum === undefined || sum.written !== sum.head) return undefined;
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
}

export { crc32 as crcOf };
