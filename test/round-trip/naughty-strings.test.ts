import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQuery } from '../../src/lib/query/parse.ts';
import { printQuery } from '../../src/lib/query/print.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';
import type { LogStore } from '../../src/lib/store/store.ts';
import { bytesOf, Chain, findIn, kept, linesOf, quoted, sorted } from './chain.ts';

const require = createRequire(import.meta.url);
const WHOLE = readFileSync(join(dirname(require.resolve('big-list-of-naughty-strings/package.json')), 'blns.txt'));
const STRINGS = (require('big-list-of-naughty-strings') as string[]).filter((text) => text !== '');

const LINES = Buffer.from(STRINGS.map((text) => `${text}\n`).join(''));
/** Each as a message, a value and a key. */
const JSON_LINES = STRINGS.map((text, n) => JSON.stringify({ message: text, value: text, n, [`k${text}`]: 1 }));

/** What a line is read as: a mark at its start and a CR at its end are no part of it. */
const shown = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r$/, '');

describe('print(parse(…))', () => {
  it.each([
    ['a phrase', (text: string) => quoted(text)],
    ['a value', (text: string) => `value:${quoted(text)}`],
    ['a name', (text: string) => `${quoted(text)}:x`],
    ['in a list', (text: string) => `value:in(${quoted(text)}, 1)`],
    ['a group', (text: string) => `* | stats count() by ${quoted(text)}`],
  ])('is stable for each string as %s', (_, write) => {
    for (const text of STRINGS) {
      const query = parseQuery(write(text));
      const printed = printQuery(query);
      expect(parseQuery(printed), text).toEqual(query);
      expect(printQuery(parseQuery(printed)), text).toBe(printed);
    }
  });
});

describe('the Big List of Naughty Strings, shipped, stored and searched', () => {
  const chain = new Chain();
  /** Apart, so that the many queries of the first have little to read. */
  const files = new Chain();
  afterAll(() => {
    chain.dispose();
    files.dispose();
  });

  beforeAll(() => {
    writeFileSync(join(chain.folder, 'lines.log'), LINES);
    writeFileSync(join(chain.folder, 'json.log'), `${JSON_LINES.join('\n')}\n`);
    chain.ship(['lines.log', '--format', 'plain', '--multiline', 'none']);
    chain.ship(['json.log']);
    writeFileSync(join(files.folder, 'blns.txt'), WHOLE);
    mkdirSync(join(files.folder, 'each'));
    for (const [n, text] of STRINGS.entries()) writeFileSync(join(files.folder, 'each', `${n}.log`), text);
    files.ship(['blns.txt', 'each']);
    files.ship(['--service', 'pipe'], WHOLE);
  });

  function holdsEverything(): void {
    it.each([
      ['lines', chain, 'file:lines.log', LINES],
      ['messages, values and names', chain, 'file:json.log', Buffer.from(JSON_LINES.join('\n'))],
      ['a file', files, 'file:blns.txt', WHOLE],
      ['a pipe', files, 'service:pipe', WHOLE],
    ])('gives the bytes of %s back through the command line', (_, from, query, expected) => {
      const { code, out } = from.run(['search', query, '-o', 'raw']);
      expect(code).toBe(0);
      expect(sorted(linesOf(out))).toEqual(sorted(linesOf(expected)));
    });

    it('gives whole files back in their order', async () => {
      const byFile = new Map<unknown, LogRecord[]>();
      for (const record of await files.find('file:*')) {
        byFile.set(record.fields['file'], [...(byFile.get(record.fields['file']) ?? []), record]);
      }
      expect(bytesOf(byFile.get('blns.txt') ?? []).equals(kept(WHOLE))).toBe(true);
      for (const [n, text] of STRINGS.entries()) {
        // A mark at the start of a file says how it is encoded.
        const expected = kept(Buffer.from(text.replace(/^\ufeff/, ''))).toString('latin1');
        expect(bytesOf(byFile.get(`each/${n}.log`) ?? []).toString('latin1'), text).toBe(expected);
      }
    });

    it('finds each by a query for it: a phrase, a value, a name', async () => {
      const store: LogStore & { close(): Promise<void> } = await chain.open();
      try {
        for (const [n, text] of STRINGS.entries()) {
          const asLine = `(file:"lines.log" ${quoted(shown(text))})`;
          const asFields = `(file:"json.log" ${quoted(text)} value:${quoted(text)} ${quoted(`k${text}`)}:1)`;
          const found = await findIn(store, `${asLine} OR ${asFields}`);
          expect(
            found.map(({ raw }) => Buffer.from(raw).toString()),
            text,
          ).toContain(text);
          const inFields = found.filter(({ fields }) => fields['file'] === 'json.log');
          expect(
            inFields.map(({ fields }) => fields['n']),
            text,
          ).toContain(n);
          expect(inFields.every(({ fields }) => fields['value'] === text)).toBe(true);
        }
      } finally {
        await store.close();
      }
    });

    it('counts all of them by one list', () => {
      const list = `value:in(${STRINGS.map(quoted).join(', ')})`;
      const { out } = chain.run(['search', list, '--count']);
      expect(Number(out.toString())).toBe(STRINGS.length);
    });
  }

  describe('from the log files', holdsEverything);
  describe('from segments', () => {
    beforeAll(async () => {
      await chain.seal();
      await files.seal();
    });
    holdsEverything();
  });
});
