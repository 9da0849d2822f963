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
  /[:[,][ \t\r\n]*(?:-?(?:\d{16}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?!\d)|\d[\d.]{16}|0\.000000)|-0(?![.\d]))|^\s*-?[\d]/;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Reads one JSON text whole. Numbers come as `RawNumber` where JavaScript would change them, lone surrogates as
 * U+FFFD. Throws `JsonError` where the text is not JSON or nests deeper than `MAX_DEPTH` (message `depth`).
 */
export function readJson(text: string): JsonResult {
  if (!LOSSY.test(text)) {
    let value: FieldValue | undefined;
    try {
      value = JSON.parse(text) as FieldValue;
    } catch {
      // The strict reader below says where and why.
    }
    if (value !== undefined) {
      const keys = countKeys(value, 0);
      // As many `":` as keys: none was lost. More or fewer: the reader below counts exactly.
      if (keys >= 0 && keys === countColons(text) && !SURROGATE_ESCAPE.test(text))
        return { value, duplicateKeys: false };
    }
  }
  return new Reader(text).read();
}

function countKeys(value: FieldValue, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= MAX_DEPTH) return -1;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      if (typeof element !== 'object' || element === null) continue;
      const inside = countKeys(element, depth + 1);
      if (inside < 0) return -1;
      count += inside;
    }
    return count;
  }
  const keys = Object.keys(value);
  count = keys.length;
  for (const key of keys) {
    const child = (value as Fields)[key] as FieldValue;
    if (typeof child !== 'object' || child === null) continue;
    const inside = countKeys(child, depth + 1);
    if (inside < 0) return -1;
    count += inside;
  }
  return count;
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
