import { type Fields, type FieldValue, RawNumber } from '../record/record.ts';

/** Objects and arrays inside one another beyond this are not read: rendering them would exhaust the stack. */
export const MAX_DEPTH = 128;

/** Why a text is not JSON (RFC 8259), at an offset in UTF-16 units. */
export class JsonError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface JsonResult {
  readonly value: FieldValue;
  /** Some object had a key twice; the last one stands. */
  readonly duplicateKeys: boolean;
}

/**
 * Numbers that `JSON.parse` would not give back as written: 16 digits and more, an exponent, a trailing zero after
 * the point, below 1e-6, -0. May find one inside a string; then the slow way is taken for nothing.
 */
const LOSSY =
  /(?:"\s*:|[,[]|^)\s*(?:-?(?:\d{16,}|\d+(?:\.\d+)?[eE][+-]?\d+|\d+\.\d*0|\d[\d.]{16,}|0\.000000\d*)|-0)(?=[\s,}\]]|$)/;
const SPACED_COLON = /"[ \t\r\n]+:/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Reads one JSON text whole. Numbers come as `RawNumber` where JavaScript would change them, lone surrogates as
 * U+FFFD. Throws `JsonError` where the text is not JSON or nests deeper than `MAX_DEPTH` (message `depth`).
 */
export function readJson(text: string): JsonResult {
  const value = readFast(text);
  return value === undefined ? new Reader(text).read() : { value, duplicateKeys: false };
}

/** By `JSON.parse`, five times as fast; undefined where it would fail, or give back less than what was sent. */
function readFast(text: string): FieldValue | undefined {
  let value: FieldValue;
  try {
    value = JSON.parse(text) as FieldValue;
  } catch {
    return undefined;
  }
  const tally = { keys: 0, numbers: typeof value === 'number' };
  if (!count(value, 0, tally)) return undefined;
  // As many `":` as keys: none was lost. More or fewer: the strict reader counts exactly.
  if (tally.keys !== countColons(text) || SPACED_COLON.test(text)) return undefined;
  if (tally.numbers && LOSSY.test(text)) return undefined;
  return text.includes('\\ud') || text.includes('\\uD') ? undefined : value;
}

/** Counts keys and notes numbers; false where the value is nested too deep. */
function count(value: FieldValue, depth: number, tally: { keys: number; numbers: boolean }): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  const length = keys === undefined ? (value as FieldValue[]).length : keys.length;
  if (keys !== undefined) tally.keys += length;
  for (let i = 0; i < length; i++) {
    const child = keys === undefined ? (value as FieldValue[])[i] : (value as Fields)[keys[i] as string];
    if (typeof child === 'number') tally.numbers = true;
    else if (typeof child === 'object' && child !== null && !count(child, depth + 1, tally)) return false;
  }
  return true;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) {
    if (text.charCodeAt(at - 1) !== 92) count++;
  }
  return count;
}

const ESCAPES: { readonly [c: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters may not stand in a JSON string
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const HEX = /[0-9a-fA-F]{4}/y;

/** RFC 8259 strictly, every number as it came. Recursive, which `MAX_DEPTH` bounds. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #duplicateKeys = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonResult {
    this.#blank();
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) this.#fail('text after the end of the JSON value');
    return { value, duplicateKeys: this.#duplicateKeys };
  }

  #fail(message: string): never {
    throw new JsonError(message, this.#at);
  }

  #unexpected(expected: string): never {
    const code = this.#text.codePointAt(this.#at);
    this.#fail(
      `expected ${expected}, found ${code === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(code))}`,
    );
  }

  #blank(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
      this.#at++;
    }
  }

  #value(): FieldValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => FieldValue): FieldValue {
    if (this.#depth >= MAX_DEPTH) this.#fail('depth');
    this.#depth++;
    this.#at++;
    this.#blank();
    const value = read();
    this.#depth--;
    this.#at++;
    return value;
  }

  #object(): Fields {
    const out: Fields = {};
    if (this.#text[this.#at] === '}') return out;
    for (;;) {
      if (this.#text[this.#at] !== '"') this.#unexpected('a key in double quotes');
      const key = this.#string();
      this.#blank();
      if (this.#text[this.#at] !== ':') this.#unexpected('":"');
      this.#at++;
      this.#blank();
      const value = this.#value();
      if (Object.hasOwn(out, key)) this.#duplicateKeys = true;
      Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
      this.#blank();
      const next = this.#text[this.#at];
      if (next === '}') return out;
      if (next !== ',') this.#unexpected('"," or "}"');
      this.#at++;
      this.#blank();
    }
  }

  #array(): FieldValue[] {
    const out: FieldValue[] = [];
    if (this.#text[this.#at] === ']') return out;
    for (;;) {
      out.push(this.#value());
      this.#blank();
      const next = this.#text[this.#at];
      if (next === ']') return out;
      if (next !== ',') this.#unexpected('"," or "]"');
      this.#at++;
      this.#blank();
    }
  }

  #string(): string {
    let out = '';
    this.#at++;
    for (;;) {
      PLAIN_TEXT.lastIndex = this.#at;
      out += PLAIN_TEXT.exec(this.#text)?.[0] ?? '';
      this.#at = PLAIN_TEXT.lastIndex;
      const c = this.#text[this.#at];
      if (c === undefined) this.#fail('the string does not end');
      if (c === '"') {
        this.#at++;
        return out.replace(LONE_SURROGATE, '\ufffd');
      }
      if (c !== '\\') this.#fail('control character in a string');
      const escape = this.#text[this.#at + 1] ?? '';
      if (escape === 'u') {
        HEX.lastIndex = this.#at + 2;
        const hex = HEX.exec(this.#text)?.[0];
        if (hex === undefined) this.#fail('\\u without four hexadecimal digits');
        out += String.fromCharCode(Number.parseInt(hex, 16));
        this.#at += 6;
      } else {
        const plain = Object.hasOwn(ESCAPES, escape) ? ESCAPES[escape] : undefined;
        if (plain === undefined) this.#fail('unknown escape in a string');
        out += plain;
        this.#at += 2;
      }
    }
  }

  #number(): number | RawNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) this.#unexpected('a JSON value');
    this.#at = NUMBER.lastIndex;
    const number = Number(text);
    return String(number) === text ? number : new RawNumber(text);
  }

  #word<T extends FieldValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected('a JSON value');
    this.#at += word.length;
    return value;
  }
}
