import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/lib/parse/detect.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { toWireJson } from '../../../src/lib/record/wire-json.ts';

const require = createRequire(import.meta.url);
const strings = require('big-list-of-naughty-strings') as string[];
const now = 1_700_000_000_000_000_000n;
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

describe('Big List of Naughty Strings', () => {
  it('is there', () => expect(strings.length).toBeGreaterThan(400));

  it('is read back as a value, a key, a message in a message', () => {
    for (const s of strings) {
      const line = JSON.stringify({ msg: s, value: s, [`k ${s}`]: s });
      const record = parseEvent(Buffer.from(line), {}, now, 'ID');
      expect(record.fields['_parse_error'], line).toBeUndefined();
      expect(record.fields['value'], line).toBe(wellFormed(s));
      if (s.length < 200) expect(record.fields[wellFormed(`k ${s}`)], line).toBe(wellFormed(s));
      const wrapped = JSON.stringify({ log: JSON.stringify({ message: s, inner: s }), _time: '2023-01-01T00:00:00Z' });
      expect(parseEvent(Buffer.from(wrapped), {}, now, 'ID').fields['inner']).toBe(wellFormed(s));
    }
  });

  it('is never lost as a line of any format', () => {
    for (const s of strings) {
      const bytes = Buffer.from(s);
      for (const format of [undefined, ...FORMATS]) {
        const record = parseEvent(bytes, format === undefined ? {} : { format }, now, 'ID');
        expect(Buffer.from(record.raw).equals(bytes)).toBe(true);
        expect(() => JSON.parse(toWireJson(record))).not.toThrow();
        if (record.format === 'plain' || record.fields['_parse_error'] !== undefined) {
          expect(record.message).toBe(wellFormed(s.replace(/^\ufeff/, '').replace(/\r$/, '')));
        }
      }
    }
  });
});
