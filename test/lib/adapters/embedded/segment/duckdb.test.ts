import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Duck, isOutOfMemory } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { sqlText } from '../../../../../src/lib/adapters/embedded/segment/sql-literals.ts';

const work = mkdtempSync(join(tmpdir(), "logs-duck-'"));
const own = join(work, 'own');
mkdirSync(own);
writeFileSync(join(own, 'a.txt'), 'ours');
writeFileSync(join(work, 'other.txt'), 'not ours');
let duck: Duck;
const HALF_MIB = 512 * 1024;

beforeAll(async () => {
  duck = await Duck.open({ threads: 1, memory: 128, folder: own });
});
afterAll(async () => {
  await duck.close();
  rmSync(work, { recursive: true });
});

async function firstRow(sql: string, params: readonly (string | bigint | number)[] = []) {
  return (await duck.query(sql, params))[0]?.getRows()[0];
}

describe('a database of a folder', () => {
  test('reads and writes that folder', async () => {
    expect(await firstRow(`SELECT content FROM read_text(${sqlText(join(own, 'a.txt'))})`)).toEqual(['ours']);
    await duck.query(`COPY (SELECT 1) TO ${sqlText(join(own, 'b.csv'))}`, []);
    expect(readdirSync(own).sort()).toEqual(['a.txt', 'b.csv']);
  });

  test.each([
    ['reads nothing beside it', `SELECT content FROM read_text(${sqlText(join(work, 'other.txt'))})`],
    ['reads nothing by way of it', `SELECT content FROM read_text(${sqlText(join(own, '..', 'other.txt'))})`],
    ['writes nothing elsewhere', `COPY (SELECT 1) TO ${sqlText(join(work, 'c.csv'))}`],
    ['opens no other database', `ATTACH ${sqlText(join(work, 'd.db'))} AS d`],
    ['loads no extension', 'INSTALL httpfs'],
    ['changes no setting', 'SET enable_external_access = true'],
    ['takes no more memory', "SET memory_limit = '8GB'"],
    ['spills nowhere', `SET temp_directory = ${sqlText(work)}`],
  ])('%s', async (_, sql) => {
    await expect(duck.query(sql, [])).rejects.toThrow(/disabled|locked|not allowed|Cannot access|Permission/i);
    expect(readdirSync(work).sort()).toEqual(['other.txt', 'own']);
  });

  test('keeps to its settings', async () => {
    const names = ['threads', 'temp_directory', 'enable_external_file_cache', 'enable_external_access'];
    const asked = names.map((name) => `current_setting('${name}')::VARCHAR`);
    expect(await firstRow(`SELECT ${asked.join(', ')}`)).toEqual(['1', '', 'false', 'false']);
  });

  test('begins nothing once it is closed, not what waits for a connection either', async () => {
    const closing = await Duck.open({ threads: 1, memory: 128, folder: own });
    const asked = closing.query('SELECT 1', []);
    await closing.close();
    await expect(asked).rejects.toThrow('the database is closed');
    await expect(closing.query('SELECT 1', [])).rejects.toThrow('the database is closed');
  });

  describe('with footers kept', () => {
    const kept = "SELECT coalesce(sum(memory_usage_bytes), 0)::INT FROM duckdb_memory() WHERE tag = 'OBJECT_CACHE'";
    const reading = `SELECT count(a) FROM read_parquet(${sqlText(join(own, 'kept.parquet'))})`;
    let now = 0;
    let keeping: Duck;
    const taken = async () => Number((await keeping.query(kept, []))[0]?.getRows()[0]?.[0]);

    beforeAll(async () => {
      const columns = Array.from({ length: 50 }, (_, at) => `range AS c${at}`).join(', ');
      await duck.query(
        `COPY (SELECT range AS a, ${columns} FROM range(400000)) TO ${sqlText(join(own, 'kept.parquet'))} (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
        [],
      );
      vi.spyOn(Date, 'now').mockImplementation(() => now);
    });
    afterAll(() => {
      vi.restoreAllMocks();
      rmSync(join(own, 'kept.parquet'));
    });
    afterEach(() => keeping.close());

    test('keeps them for statements of all its connections', async () => {
      keeping = await Duck.open({ threads: 1, memory: 128, folder: own, footers: 64 });
      const [before, ...asked] = await Promise.all([taken(), keeping.query(reading, []), keeping.query(reading, [])]);
      expect(asked.map((chunks) => Number(chunks[0]?.getRows()[0]?.[0]))).toEqual([400_000, 400_000]);
      expect(before).toBeLessThan(1024);
      expect(await taken()).toBeGreaterThan(HALF_MIB);
      now += 60_000;
      await taken();
      await sleep(50);
      expect(await taken()).toBeGreaterThan(HALF_MIB);
    });

    test('lets go of all when they take too much, not of what runs', async () => {
      keeping = await Duck.open({ threads: 1, memory: 128, folder: own, footers: 0.5 });
      await keeping.query(reading, []);
      expect(await taken()).toBeGreaterThan(HALF_MIB);
      now += 60_000;
      const slow = keeping.query('SELECT count(*) FROM range(60000000) WHERE hash(range) = 1', []);
      await taken();
      while ((await taken()) > 0) await sleep(5);
      expect((await slow).length).toBe(1);
      expect((await keeping.query(reading, []))[0]?.getRows()).toEqual([[400_000n]]);
    });

    test('is closed while it is exchanged', async () => {
      keeping = await Duck.open({ threads: 1, memory: 128, folder: own, footers: 0.5 });
      await keeping.query(reading, []);
      now += 60_000;
      await taken();
      await keeping.close();
      await expect(keeping.query(reading, [])).rejects.toThrow('the database is closed');
    });

    test('keeps none unless it is told to', async () => {
      keeping = await Duck.open({ threads: 1, memory: 128, folder: own });
      await keeping.query(reading, []);
      expect(await taken()).toBe(0);
    });
  });

  test('says in one line that it has too little memory, without advice', async () => {
    const small = await Duck.open({ threads: 1, memory: 16, folder: own });
    const failing = small.query(
      "SELECT count(*) FROM (SELECT DISTINCT repeat('x', 1000) || range FROM range(100000))",
      [],
    );
    const error = await failing.catch((failure: unknown) => failure);
    await small.close();
    expect(isOutOfMemory(error)).toBe(true);
    expect((error as Error).message).toMatch(/^Out of Memory Error: .*16.0 MiB used\)$/);
  });

  test('binds parameters by their kinds', async () => {
    expect(await firstRow('SELECT $1, $2, typeof($3)', ["it's", 2n ** 62n, 1])).toEqual(["it's", 2n ** 62n, 'DOUBLE']);
  });

  test.each([
    "it's",
    '?',
    "'; SELECT 2; --",
    '$$',
    'a\\',
    '\u0000',
    'a\u0000b',
    '\ufeff😀',
    '\u0006"',
    '"\u00a0$$\u3000',
    '/*',
    '',
  ])('takes %j for a text', async (text) => {
    const row = await firstRow(`SELECT hex(encode(?)), typeof(?), '?', 'it''s ?' AS "?"`, [text, text]);
    expect(row).toEqual([Buffer.from(text).toString('hex').toUpperCase(), 'VARCHAR', '?', "it's ?"]);
  });

  test.each([-(2n ** 63n), 2n ** 63n - 1n, 0.1, 1e21, -5, 5e-324])('takes %s for itself', async (number) => {
    const kind = typeof number === 'bigint' ? 'BIGINT' : 'DOUBLE';
    expect(await firstRow('SELECT ?, typeof(?)', [number, number])).toEqual([number, kind]);
  });

  test('goes on after a statement that failed', async () => {
    await expect(duck.query('SELECT * FROM nowhere', [])).rejects.toThrow(/nowhere/);
    expect(await firstRow('SELECT 1')).toEqual([1]);
  });

  test('stops a query when told, and throws why', async () => {
    const stop = new AbortController();
    const why = new Error('enough');
    setTimeout(() => stop.abort(why), 50);
    await expect(
      duck.query('SELECT sum(a.range) FROM range(10000000) a, range(10000000) b', [], stop.signal),
    ).rejects.toBe(why);
  });
});
