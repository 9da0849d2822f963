import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const empty = mkdtempSync(join(tmpdir(), 'logs-no-data-'));
afterAll(() => rmSync(empty, { recursive: true }));

/** Whole measures on a busy machine. */
const PATIENCE_MS = 240_000;

/** On a machine that has no data: only what is generated can be measured on, and there is no yardstick. */
function bench(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, LOGS_TEST_DATA: join(empty, 'data') };
  return spawnSync(process.execPath, [join(root, 'bench/run.mjs'), ...args], { env, encoding: 'utf8' });
}

async function part<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'bench', name)).href)) as T;
}

describe('npm run bench', () => {
  test('says what it takes', () => {
    expect(bench('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: npm run bench/) });
  });

  test.each([
    ['nosuch', /nosuch is neither a measure nor a file/],
    ['--on=nosuch', /no corpus is called nosuch/],
    ['--rounds=0', /--rounds takes a whole number above 0/],
    ['--size=large', /large is no size/],
  ])('refuses %s', (arg, said) => {
    const { status, stderr } = bench(arg);
    expect(stderr).toMatch(said);
    expect(status).toBe(2);
  });

  test('says what is not here, and goes on', { timeout: PATIENCE_MS }, () => {
    const { status, stdout, stderr } = bench('ingest', '--on', 'nezha,shop', '--size', '300KB', '--rounds', '1');
    expect(stderr).toMatch(/no yardstick: .* is not there\n/);
    expect(stderr).toMatch(/nezha: no such data here, left out/);
    expect(stdout).toMatch(/\| CPU-s per GB of input \| \d/);
    expect(status).toBe(0);
  });

  test('finds acknowledged events from another process', { timeout: PATIENCE_MS }, () => {
    const { status, stdout } = bench('freshness', '--on', 'shop', '--size', '1MB', '--rate', '500KB', '--for', '4');
    expect(stdout).toMatch(/\| a process that asks again and again \| \d+ \|/);
    expect(stdout).toMatch(/All [\d,]+ events were there at the end/);
    expect(status).toBe(0);
  });

  test('gets the same answers from all tools', { timeout: PATIENCE_MS }, () => {
    const { status, stdout } = bench('questions', '--on', 'shop', '--size', '300KB', '--rounds', '1');
    expect(stdout).toMatch(/\| events by service and level \| \d+ rows \|/);
    expect(stdout.split('\n').filter((line) => line.startsWith('|') && line.includes('≠'))).toEqual([]);
    expect(status).toBe(0);
  });
});

describe('the answers of two tools', async () => {
  const { alike } = await part<{ alike: (kind: string, a: unknown, b: unknown) => boolean }>('questions/answers.mjs');
  const events = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ time: String(1000 + n), text: `event ${n}` }));

  test('are compared', () => {
    expect(alike('count', 3, 4)).toBe(false);
    expect(alike('table', ['a|1', 'b|2'], ['a|1', 'b|2'])).toBe(true);
    expect(alike('table', ['a|1', 'b|2'], ['a|1', 'b|3'])).toBe(false);
    expect(alike('events', events(5), events(5).reverse())).toBe(true);
    expect(alike('events', events(5), [...events(4), { time: '1000', text: 'another' }])).toBe(false);
  });

  test('may differ in which of equal ones they take', () => {
    const other = (kept: readonly object[]) => [{ time: '1000', text: 'another of that moment' }, ...kept.slice(1)];
    expect(alike('events', events(100), other(events(100)))).toBe(true);
    expect(alike('events', events(99), other(events(99)))).toBe(false);
    expect(alike('top', ['a|9', 'b|2'], ['a|9', 'c|2'])).toBe(true);
    expect(alike('top', ['a|9', 'b|2'], ['d|9', 'b|2'])).toBe(false);
  });
});

describe('docs/performance.md', async () => {
  const { replaceSection } = await part<{ replaceSection: (page: string, name: string, text: string) => string }>(
    'page.mjs',
  );

  test('is written between its marks alone', () => {
    const page = 'before\n<!-- bench:start -->\nold\n<!-- /bench:start -->\nbehind\n';
    const written = replaceSection(page, 'start', 'new\n');
    expect(written).toBe('before\n<!-- bench:start -->\nnew\n<!-- /bench:start -->\nbehind\n');
    expect(() => replaceSection(page, 'ingest', 'new')).toThrow(/no place for ingest/);
  });

  test('has a place for each measure', async () => {
    const { MEASURES } = await part<{ MEASURES: readonly string[] }>('options.mjs');
    const page = readFileSync(join(root, 'docs/performance.md'), 'utf8');
    for (const name of MEASURES) expect(replaceSection(page, name, 'x')).not.toBe(page);
  });
});
