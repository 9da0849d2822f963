import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JsonError, readJson } from '../../../src/lib/parse/json-reader.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { jsonText } from '../../../src/lib/record/json-text.ts';
import { valuesOf } from '../../../src/lib/record/field-access.ts';

const root = join(
  process.env['LOGS_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data'),
  'json-test-suite',
);
const missing = !existsSync(root);
if (missing) console.warn(`skipped: JSONTestSuite is not at ${root} (set LOGS_TEST_DATA)`);

const accepts = (text: string): boolean => {
  try {
    readJson(text);
    return true;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
};

/** What we do with the texts of which RFC 8259 says nothing: refused are UTF-16 and nesting beyond 128; all else is read. */
const REFUSED = new Set([
  'i_string_UTF-16LE_with_BOM.json',
  'i_string_utf16BE_no_BOM.json',
  'i_string_utf16LE_no_BOM.json',
  'i_structure_500_nested_arrays.json',
]);

describe.skipIf(missing)('JSONTestSuite', () => {
  const folder = join(root, 'test_parsing');
  const names = missing ? [] : readdirSync(folder);
  const bytes = (name: string): Buffer => readFileSync(join(folder, name));
  const text = (name: string): string => bytes(name).toString('utf8');

  it('is whole', () => {
    expect(['y_', 'n_', 'i_'].map((p) => names.filter((n) => n.startsWith(p)).length)).toEqual([95, 188, 35]);
  });

  it.each(names.filter((n) => n.startsWith('y_')))('reads %s', (name) => expect(accepts(text(name))).toBe(true));

  it.each(names.filter((n) => n.startsWith('n_')))('refuses %s and keeps it whole', (name) => {
    expect(accepts(text(name))).toBe(false);
    const record = parseEvent(bytes(name), { format: 'json' }, 1_700_000_000_000_000_000n, 'ID');
    expect(record.level).toBe('UNKNOWN');
    expect(record.fields['_parse_error']).toMatch(/^depth$|column \d+$/);
    expect(Buffer.from(record.raw).equals(bytes(name))).toBe(true);
    expect(record.message).toBe(
      text(name)
        .replace(/^\ufeff/, '')
        .replace(/\r$/, ''),
    );
  });

  it.each(names.filter((n) => n.startsWith('i_')))('answers %s as documented', (name) => {
    // A byte order mark at the start of a line is taken off before.
    expect(accepts(text(name).replace(/^\ufeff/, ''))).toBe(!REFUSED.has(name));
  });

  it.each(missing ? [] : readdirSync(join(root, 'test_transform')))('loses nothing of %s', (name) => {
    const source = readFileSync(join(root, 'test_transform', name)).toString('utf8');
    const { value, duplicateKeys } = readJson(source);
    if (name.startsWith('number_')) expect(jsonText(value)).toBe(source.trim());
    expect(duplicateKeys).toBe(name.startsWith('object_same_key'));
    const record = parseEvent(Buffer.from(`{"v":${source.trim()}}`), {}, 1_700_000_000_000_000_000n, 'ID');
    expect(record.fields['_parse_error']).toBeUndefined();
    if (name.startsWith('object_key_nf')) expect(Object.keys(value as object)).toHaveLength(2);
    if (name.startsWith('number_')) expect(`[${valuesOf(record, 'v').map(jsonText).join(',')}]`).toBe(source.trim());
  });
});
