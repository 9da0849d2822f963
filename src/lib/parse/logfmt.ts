import type { Fields } from '../record/record.ts';
import { define, type ParseFailure, type Parser } from './draft.ts';
import { draftOf } from './json.ts';

const KEY = /[^\s="\u0000-\u0020]+/y;
const BARE = /[^\s"]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const ESCAPES: { readonly [c: string]: string } = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * `key=value key="value with blanks" flag`: values are text as they came, a key alone is true. At least one pair.
 * As Go's kr/logfmt and logrus write it.
 */
export const parseLogfmt: Parser = (text) => {
  const fields: Fields = {};
  let pairs = 0;
  let duplicateKeys = false;
  let at = skipBlank(text, 0);
  while (at < text.length) {
    KEY.lastIndex = at;
    const key = KEY.exec(text)?.[0];
    if (key === undefined) return { error: 'logfmt: expected a key', column: at + 1 };
    if (Object.hasOwn(fields, key)) duplicateKeys = true;
    at += key.length;
    if (text[at] === '=') {
      const value = readValue(text, at + 1);
      if ('error' in value) return value;
      define(fields, key, value.text);
      at = value.end;
      pairs++;
    } else define(fields, key, true);
    const next = skipBlank(text, at);
    if (next === at && at < text.length) return { error: 'logfmt: expected a blank', column: at + 1 };
    at = next;
  }
  if (pairs === 0) return { error: 'logfmt: no key=value pair', column: 1 };
  const draft = draftOf(fields, 0);
  draft.format = 'logfmt';
  if (duplicateKeys) draft.fields['_duplicate_keys'] = true;
  return draft;
};

function readValue(text: string, at: number): { text: string; end: number } | ParseFailure {
  if (text[at] === '"') {
    QUOTED.lastIndex = at;
    const found = QUOTED.exec(text);
    if (found === null) return { error: 'logfmt: the quote does not end', column: at + 1 };
    return { text: unescape(found[1] ?? ''), end: QUOTED.lastIndex };
  }
  BARE.lastIndex = at;
  const value = BARE.exec(text)?.[0] ?? '';
  return { text: value, end: at + value.length };
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, c: string) =>
      hex === undefined ? (ESCAPES[c] ?? c) : String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

function skipBlank(text: string, at: number): number {
  let i = at;
  while (i < text.length && text.charCodeAt(i) <= 32) i++;
  return i;
}
