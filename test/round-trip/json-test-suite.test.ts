import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/lib/record/record.ts';
import { bytesOf, Chain, kept, linesOf, sorted } from './chain.ts';

const root = join(
  process.env['LOGS_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data'),
  'json-test-suite/test_parsing',
);
const missing = !existsSync(root);
if (missing) console.warn(`skipped: JSONTestSuite is not at ${root} (set LOGS_TEST_DATA)`);

/** A mark at the start of a file says how it is encoded: it is taken off, and UTF-16 is kept as UTF-8. */
function asKept(bytes: Buffer): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return kept(Buffer.from(bytes.subarray(2).toString('utf16le')));
  return kept(bytes.subarray(0, 3).equals(Buffer.from('\ufeff')) ? bytes.subarray(3) : bytes);
}

describe.skipIf(missing)('JSONTestSuite, shipped, stored and searched', () => {
  const names = missing ? [] : readdirSync(root);
  const bytes = new Map(names.map((name) => [name, readFileSync(join(root, name))]));
  const isOneLine = (name: string): boolean => bytes.get(name)?.includes(10) === false;
  /** Each text as the value of a field, where it is one line. */
  const wrapped = names.filter(isOneLine).map((name) => {
    const text = bytes.get(name) ?? Buffer.alloc(0);
    return Buffer.concat([Buffer.from(`{"name":${JSON.stringify(name)},"v":`), text, Buffer.from('}')]);
  });
  const chain = new Chain();
  afterAll(() => chain.dispose());

  beforeAll(() => {
    for (const [name, content] of bytes) writeFileSync(join(chain.folder, name), content);
    const lines = wrapped.flatMap((line) => [line, Buffer.from('\n')]);
    writeFileSync(join(chain.folder, 'wrapped.log'), Buffer.concat(lines));
    chain.ship([...names, '--format', 'json', '--multiline', 'none']);
    chain.ship(['wrapped.log']);
  });

  const eventsOf = async (): Promise<Map<unknown, LogRecord[]>> => {
    const byFile = new Map<unknown, LogRecord[]>();
    for (const record of await chain.find('file:*')) {
      const file = record.fields['file'];
      byFile.set(file, [...(byFile.get(file) ?? []), record]);
    }
    return byFile;
  };

  function holdsEverything(): void {
    it('gives every file back byte for byte, in its order', async () => {
      const byFile = await eventsOf();
      for (const [name, content] of bytes) {
        const found = bytesOf(byFile.get(name) ?? []);
        expect(found.equals(asKept(content)), name).toBe(true);
      }
      expect(
        bytesOf(byFile.get('wrapped.log') ?? []).equals(
          kept(Buffer.concat(wrapped.flatMap((line) => [line, Buffer.from('\n')]))),
        ),
      ).toBe(true);
    });

    it('gives all bytes back through the command line', () => {
      const { code, out } = chain.run(['search', '-o', 'raw']);
      expect(code).toBe(0);
      const expected = [...[...bytes.values()].flatMap((content) => linesOf(asKept(content))), ...wrapped];
      expect(sorted(linesOf(out))).toEqual(sorted(expected));
    });

    it('reads what is JSON, and keeps what is none whole, with the reason', async () => {
      const byFile = await eventsOf();
      for (const name of names.filter((each) => /^[yn]_/.test(each) && isOneLine(each))) {
        for (const { fields, level, message, raw } of byFile.get(name) ?? []) {
          const error = fields['_parse_error'];
          const isObject = name.startsWith('y_') && /^\s*\{/.test(Buffer.from(raw).toString());
          if (isObject) expect(error, name).toBeUndefined();
          else if (name.startsWith('y_')) expect(error, name).toContain('JSON but not an object');
          else {
            expect(error, name).toMatch(/^depth$|column \d+$/);
            expect(level).toBe('UNKNOWN');
            expect(message).toBe(Buffer.from(raw).toString().replace(/\r$/, ''));
          }
        }
      }
      const inside = byFile.get('wrapped.log') ?? [];
      expect(inside).toHaveLength(wrapped.length);
      for (const { fields, raw } of inside) {
        const name = /"name":"([^"]+)"/.exec(Buffer.from(raw).toString())?.[1] ?? '';
        if (name.startsWith('y_')) expect([fields['name'], fields['_parse_error']], name).toEqual([name, undefined]);
        if (name.startsWith('n_')) expect(fields['_parse_error'], name).toMatch(/^depth$|column \d+$/);
      }
    });

    it.each([
      ['_parse_error:*', 'n_number_-01.json', true],
      ['_parse_error:depth', 'n_structure_100000_opening_arrays.json', true],
      ['_invalid_utf8:true', 'i_string_invalid_utf-8.json', true],
      ['_parse_error:*', 'y_number_negative_zero.json', true],
      ['_parse_error:depth', 'y_number_negative_zero.json', false],
    ])('%s: %s is found: %s', async (query, name, expected) => {
      const found = await chain.find(`${query} file:${name}`);
      expect(found.length > 0).toBe(expected);
    });

    it.each([
      ['v:-0', 'y_number_negative_zero.json'],
      ['v:1E-2', 'y_number_real_neg_exp.json'],
      ['v>1e399', 'i_number_pos_double_huge_exp.json'],
      ['v:"\\"\\\\/\b\f\n\r\t"', 'y_string_allowed_escapes.json'],
      ['_duplicate_keys:true v.a:c', 'y_object_duplicated_key.json'],
    ])('finds by value: %s', async (query, name) => {
      const found = await chain.find(`file:wrapped.log ${query}`);
      expect(found.map(({ fields }) => fields['name'])).toContain(name);
    });
  }

  describe('from the log files', holdsEverything);
  describe('from segments', () => {
    beforeAll(() => chain.seal());
    holdsEverything();
  });
});
