import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { compareFiles } from '../../../../../src/lib/adapters/embedded/seal/read-back.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

interface Row {
  readonly ts: number;
  readonly k0: string | null;
  readonly rest: string | null;
}

const ROWS: readonly Row[] = [
  { ts: 1, k0: '17', rest: 'Errör\n  at a' },
  { ts: 2, k0: null, rest: '' },
  { ts: 3, k0: '-5', rest: null },
];

/** Compares what was handed to DuckDB, with the counts of it, and a segment that has other rows. */
async function compare(plain: readonly Row[], written: readonly Row[], counted: readonly Row[] = plain): Promise<void> {
  const folder = temporaryFolder();
  const duck = await Duck.open({ threads: 1, memory: 256, folder });
  onTestFinished(() => duck.close());
  const file = async (name: string, rows: readonly Row[], type: string): Promise<string> => {
    const path = join(folder, name);
    const value = (text: string | null): string =>
      text === null ? 'NULL' : `decode(unhex('${Buffer.from(text).toString('hex')}'))`;
    const selects = rows.map(
      ({ ts, k0, rest }) =>
        `SELECT ${ts}::BIGINT AS ts, CAST(${value(k0)} AS ${type}) AS k0, CAST(${value(rest)} AS VARCHAR) AS rest`,
    );
    await duck.query(`COPY (${selects.join(' UNION ALL ')}) TO '${path}' (FORMAT parquet)`, []);
    return path;
  };
  const index = Buffer.from('index');
  const idx = join(folder, 'x.idx');
  writeFileSync(idx, index);
  const sum = (texts: readonly (string | null)[]) => ({
    values: texts.filter((text) => text !== null).length,
    bytes: texts.reduce((bytes, text) => bytes + Buffer.byteLength(text ?? ''), 0),
  });
  const sums = [
    { name: 'ts', type: 'int64', values: counted.length, bytes: 0 },
    { name: 'k0', type: 'text', ...sum(counted.map(({ k0 }) => k0)) },
    { name: 'rest', type: 'text', ...sum(counted.map(({ rest }) => rest)) },
  ] as const;
  await compareFiles(duck, nodeFs, {
    parquet: await file('x.parquet', written, 'BIGINT'),
    idx,
    index,
    plain: await file('x.plain', plain, 'VARCHAR'),
    columns: [{ key: 'n', type: 'int' }],
    segment: { rows: counted.length, sums: [...sums] },
  });
}

const withRow = (at: number, change: Partial<Row>): Row[] =>
  ROWS.map((row, index) => (index === at ? { ...row, ...change } : row));

it('takes a segment that has what was handed to DuckDB', async () => {
  await compare(ROWS, ROWS);
});

it.each([
  ['another time', withRow(0, { ts: 9 })],
  ['a text of the same length', withRow(0, { rest: 'Errör\n  at b' })],
  ['nothing for an empty text', withRow(1, { rest: null })],
  ['another number', withRow(2, { k0: '-6' })],
  ['rows in another order', [...ROWS].reverse()],
  ['a row more', [...ROWS, ...ROWS.slice(0, 1)]],
  ['a row less', ROWS.slice(1)],
])('refuses one that has %s', async (_, written) => {
  await expect(compare(ROWS, written)).rejects.toMatchObject({ code: 'INTERNAL' });
});

it.each([
  ['a value', withRow(1, { k0: '1' })],
  ['bytes', withRow(0, { rest: 'x' })],
])('refuses one that has not the %s that the scanner wrote', async (_, counted) => {
  await expect(compare(ROWS, ROWS, counted)).rejects.toMatchObject({ code: 'INTERNAL' });
});
