import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/lib/record/record.ts';
import { BAD_INPUT, type BadInput } from './bad-input.ts';
import { bytesOf, Chain, findIn, linesOf } from './chain.ts';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const fileOf = (row: BadInput): string => `${BAD_INPUT.indexOf(row)}.log${row.extension ?? ''}`;

function valueOf(record: LogRecord, name: string): unknown {
  if (name === '@timestamp') return record.ts;
  if (name === 'level' || name === 'message' || name === 'service' || name === 'host') return record[name];
  return Object.hasOwn(record.fields, name) ? record.fields[name] : undefined;
}

describe('bad input, shipped, stored and searched', () => {
  const chain = new Chain();
  const told = new Map<BadInput, { code: number | null; out: string; err: string }>();
  afterAll(() => chain.dispose());

  beforeAll(() => {
    const isPlain = ({ told: tells, flags, exit }: BadInput): boolean => (tells ?? flags ?? exit) === undefined;
    for (const row of BAD_INPUT) writeFileSync(join(chain.folder, fileOf(row)), row.content);
    chain.ship(BAD_INPUT.filter(isPlain).map(fileOf));
    for (const row of BAD_INPUT.filter((each) => !isPlain(each))) {
      const { code, out, err } = chain.run(['ship', fileOf(row), '--json', ...(row.flags ?? [])]);
      told.set(row, { code, out: out.toString(), err });
    }
  });

  it.each(
    BAD_INPUT.filter(({ told: tells, exit }) => (tells ?? exit) !== undefined).map((row) => [row.name, row] as const),
  )('tells of %s', (_, row) => {
    const { code, out, err } = told.get(row) ?? { code: null, out: '', err: '' };
    expect({ code, err }).toMatchObject({ code: row.exit ?? 0 });
    if (row.told !== undefined) expect(JSON.parse(out)).toMatchObject(row.told);
  });

  function holds(): void {
    it.each(BAD_INPUT.map((row) => [row.name, row] as const))('%s', async (_, row) => {
      const store = await chain.open();
      try {
        const find = async (query: string): Promise<LogRecord[]> =>
          (await findIn(store, `file:${fileOf(row)} ${query}`)).sort((a, b) => (a.log_id < b.log_id ? -1 : 1));
        const records = await find('*');
        const events = row.events?.map((event) => Buffer.from(event)) ?? linesOf(Buffer.from(row.content));
        const expected = Buffer.concat(events.flatMap((event) => [event, Buffer.from('\n')]));
        expect(bytesOf(records).equals(expected)).toBe(true);
        for (const [index, fields] of (row.fields ?? []).entries()) {
          for (const [name, value] of Object.entries(fields)) {
            const found = valueOf(records[index] as LogRecord, name);
            const part = (value as { part?: string } | undefined)?.part;
            if (part === undefined) expect(found, `event ${index}: ${name}`).toEqual(value);
            else expect(String(found), `event ${index}: ${name}`).toContain(part);
          }
        }
        for (const [query, count] of row.finds ?? []) expect(await find(query), query).toHaveLength(count);
      } finally {
        await store.close();
      }
    });
  }

  describe('from the log files', holds);
  describe('from segments', () => {
    beforeAll(() => chain.seal());
    holds();
  });

  it('gives numbers, keys and half pairs back as JSON', () => {
    const row = BAD_INPUT.find(({ name }) => name.startsWith('numbers')) as BadInput;
    const out = chain.run(['search', `file:${fileOf(row)} big:*`, '-o', 'ndjson']).out.toString();
    expect(out).toContain('"id":9007199254740993,"big":1e400,"neg":-0,"one":1.0,"tiny":1E-400');
    const keys = BAD_INPUT.find(({ name }) => name.startsWith('keys that name')) as BadInput;
    const line = String(keys.content).split('\n')[0] ?? '';
    const shown = chain.run(['search', `file:${fileOf(keys)} toString:*`, '-o', 'ndjson']).out.toString();
    expect(shown).toContain(line.slice(1, -1));
  });

  it.each([
    [['--by', '__proto__.polluted'], [{ '__proto__.polluted': 1, count: 1 }, { '__proto__.polluted': null, count: 1 }]],
    [['--by', 'toString'], [{ toString: 4, count: 1 }, { toString: null, count: 1 }]],
    [['--by', 'valueOf'], [{ valueOf: null, count: 2 }]],
    [['--max', 'hasOwnProperty', '--distinct', 'constructor.prototype.polluted'], [{ max_hasOwnProperty: 5, 'distinct_constructor.prototype.polluted': 1 }]],
  ])('computes over keys that name what every object has: %j', (flags, rows) => {
    const row = BAD_INPUT.find(({ name }) => name.startsWith('keys that name')) as BadInput;
    const { out, code } = chain.run(['agg', `file:${fileOf(row)}`, ...flags, '-o', 'json']);
    expect(code).toBe(0);
    const sorted = (all: object[]): string[] => all.map((each) => JSON.stringify(each)).sort();
    expect(sorted(JSON.parse(out.toString()) as object[])).toEqual(sorted(rows));
  }); // biome-ignore format: a table

  it('holds little while lines of 64 MiB go by', () => {
    const big = Buffer.alloc(64 * 1024 * 1024, 'x');
    const done = spawnSync(process.execPath, ['--max-old-space-size=128', RUN, 'ship', '--json', '--service', 'big'], {
      env: { PATH: process.env.PATH, LOGS_STORE: chain.store, HOME: chain.folder },
      input: Buffer.concat([big, Buffer.from('\n{"a":1}\n'), big, Buffer.from('\nend')]),
    });
    expect({ code: done.status, err: done.stderr.toString() }).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout.toString())).toMatchObject({ events: 4, truncated: 2 });
    expect(chain.run(['search', 'service:big original_length:67108864', '-c']).out.toString()).toBe('2\n');
  });

  it.each([
    ['"never closed', 'the quote is never closed', '^'],
    ['a AND (b', 'this bracket is never closed', '^'],
    [`message:/${'a'.repeat(100_000)}/`, 'at most 65536', ''],
    [`message:/${'a'.repeat(20_000)}/`, 'at most 10240', '^'],
    ['* | nonsense', 'expected a stage', '^'],
  ])('refuses a bad query before anything is read: %.20s', (query, message, caret) => {
    const { code, err } = chain.run(['search', query]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain(caret);
  });
});
