import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS, PARSERS } from '../../../src/lib/parse/detect.ts';
import { readJson } from '../../../src/lib/parse/json-reader.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { jsonText } from '../../../src/lib/record/json-text.ts';
import type { EventContext, Fields } from '../../../src/lib/record/record.ts';
import { toWireJson } from '../../../src/lib/record/wire-json.ts';

interface Case {
  readonly name: string;
  readonly line: string;
  readonly received_at: string;
  readonly format: string;
  readonly record: Fields;
}

const folder = join(import.meta.dirname, '../../golden/parse');
const files = readdirSync(folder);

/** A record as text without what is not the line's: numbers as they came, keys in their order. */
function shown(line: string, context: EventContext, at: string): { format: string; record: string } {
  const parsed = parseEvent(Buffer.from(line), context, BigInt(Date.parse(at)) * 1_000_000n, 'ID');
  const { log_id, received_at, ...record } = readJson(toWireJson(parsed)).value as Fields;
  expect([log_id, received_at]).toEqual(['ID', at.replace('Z', '.000Z')]);
  return { format: parsed.format, record: jsonText(record) };
}

describe('golden lines', () => {
  it('has cases for every format', () => {
    expect(files.map((f) => f.replace('.json', '')).sort()).toEqual(FORMATS.filter((f) => f !== 'syslog').sort());
    expect(Object.keys(PARSERS).sort()).toEqual([...FORMATS].sort());
  });

  describe.each(files)('%s', (file) => {
    const format = file.replace('.json', '');
    const cases = readJson(readFileSync(join(folder, file), 'utf8')).value as unknown as Case[];

    it.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
      const found = shown(c.line, {}, c.received_at);
      expect(found).toEqual({ format: c.format, record: jsonText(c.record) });
      // Forced or found, the same line is the same record.
      expect(shown(c.line, { format }, c.received_at)).toEqual(found);
      if (format.startsWith('syslog')) {
        expect(shown(c.line, { format: 'syslog' }, c.received_at)).toEqual(found);
      }
    });
  });

  it.each(FORMATS.filter((f) => f !== 'plain'))('keeps a line that is not %s whole, with the reason', (format) => {
    const record = parseEvent(Buffer.from('just a line, ERROR'), { format }, 0n, 'ID');
    expect(record).toMatchObject({ message: 'just a line, ERROR', level: 'UNKNOWN' });
    expect(record.fields['_parse_error']).toMatch(/ at column \d+$/);
  });
});
