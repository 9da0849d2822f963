import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, MAX_DEPTH, readJson } from '../../../src/lib/parse/json-reader.ts';
import { jsonText } from '../../../src/lib/record/json-text.ts';

const failure = (text: string): JsonError => {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`read: ${text}`);
};

describe('readJson', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(jsonText(readJson(text).value)).toBe(jsonText(readJson(JSON.stringify(value, null, 1)).value));
        expect(JSON.parse(jsonText(readJson(text).value))).toEqual(
          JSON.parse(text.replace(/\\ud[89a-f]../gi, '\ufffd')),
        );
      }),
    );
  });

  it('gives every number back as it was written', () => {
    const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        for (const text of [`{"a":${number}}`, `[1,${number}]`, `{"a":{"b":[ ${number} ]}}`]) {
          expect(jsonText(readJson(text).value)).toBe(text.replaceAll(' ', ''));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '9007199254740993',
    '1.0',
    '-0',
    '1e400',
    '1E5',
    '0.1e1',
    '0.00000001',
    '-0.0',
    '123456789012345678',
    '1.000000000000000005',
  ])('keeps %s', (number) => expect(jsonText(readJson(`{"a":${number}}`).value)).toBe(`{"a":${number}}`));

  it('reads no deeper than the limit', () => {
    const nested = (n: number): string => '['.repeat(n) + ']'.repeat(n);
    expect(() => readJson(nested(MAX_DEPTH))).not.toThrow();
    expect(failure(nested(MAX_DEPTH + 1)).message).toBe('depth');
    expect(failure('{"a":'.repeat(MAX_DEPTH + 1) + '1' + '}'.repeat(MAX_DEPTH + 1)).message).toBe('depth');
    expect(failure('['.repeat(100_000)).message).toBe('depth');
  });

  it('lets the last of two keys win, and tells', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a" :1,"a": 2}',
      '{"x":{"a":1,"a":2}}',
      '{"a":1,"\\u0061":2}',
      '{"a":1, "b":"\\":", "a":2}',
    ]) {
      expect(readJson(text).duplicateKeys, text).toBe(true);
    }
    expect(readJson('{"a":1,"a":2}').value).toEqual({ a: 2 });
    expect(readJson('{"a":{"a":1},"b":"\\":\\":"}').duplicateKeys).toBe(false);
  });

  it('turns lone surrogates into U+FFFD and leaves pairs', () => {
    expect(readJson('{"a":"\\ud800x","\\udc00":"\\ud83d\\ude00"}').value).toEqual({ a: '\ufffdx', '\ufffd': '😀' });
  });

  it('keeps __proto__ an own key like any other', () => {
    for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1.0}}']) {
      const value = readJson(text).value as object;
      expect(Object.keys(value)).toEqual(['__proto__']);
      expect('x' in value).toBe(false);
    }
  });

  it.each([
    ['{"a":1,}', 7],
    ['{"a":1} {"b":2}', 8],
    ['{"a":NaN}', 5],
    ["{'a':1}", 1],
    ['{"a":"b', 7],
    ['{"a":1 /* c */}', 7],
    ['{"a":01}', 6],
    ['{"a":"\\x"}', 6],
    ['{"a":"\t"}', 6],
    ['', 0],
  ])('says where %s broke', (text, offset) => expect(failure(text).offset).toBe(offset));

  it('refuses exactly what JSON.parse refuses', () => {
    const char = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1',
      '0',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\\',
      'u0041',
      'a',
    );
    fc.assert(
      fc.property(
        fc.array(char, { maxLength: 12 }).map((c) => c.join('')),
        (text) => {
          let accepted = true;
          try {
            JSON.parse(text);
          } catch {
            accepted = false;
          }
          if (accepted) readJson(text);
          else failure(text);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
