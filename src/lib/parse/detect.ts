import type { Parser } from './draft.ts';
import { FORMATS, type FormatName } from './formats.ts';
import { parseJson } from './json.ts';
import { parsePlain } from './plain.ts';

export { FORMATS, type FormatName };

const PARSERS: { readonly [F in FormatName]?: Parser } = { json: parseJson, plain: parsePlain };

export function parserOf(format: FormatName): Parser {
  return PARSERS[format] ?? parsePlain;
}

/** The format of one line, told by how it begins. */
export function detectLine(text: string): FormatName {
  return text.charCodeAt(0) === 123 ? 'json' : 'plain';
}

/** The one format that all of some lines have (empty ones left out); undefined where they differ or there are none. */
export function detectFormat(lines: readonly Uint8Array[]): FormatName | undefined {
  let common: FormatName | undefined;
  for (const line of lines) {
    const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8').trim();
    if (text === '') continue;
    const format = detectLine(text);
    if (common !== undefined && common !== format) return undefined;
    common = format;
  }
  return common;
}
