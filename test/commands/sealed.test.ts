import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadedBy } from './loaded.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-sealed-'));
afterAll(() => rmSync(folder, { recursive: true }));

function logs(line: string, input = '') {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: join(folder, 'store') };
  const args = [bin, ...line.split(' ')];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env, input, maxBuffer: 2 ** 27 });
}

/** More than one log file holds, so that the first is sealed: DuckDB, the builder's thread, segments. */
const padding = 'x'.repeat(1000);
const lines = Array.from(
  { length: 40_000 },
  (_, n) =>
    `{"ts":"2026-01-02T03:04:${String(n % 60).padStart(2, '0')}Z","level":"info","n":${n},"msg":"${padding}"}\n`,
);

describe('the commands on more than a log file holds', () => {
  it('seal it, and give every event back from segments and logs together', () => {
    const shipped = logs('ship', lines.join(''));
    expect(shipped.stderr).toMatch(/^40,000 events, [^\n]*\n$/);
    const { tenants } = JSON.parse(logs('store stats --json').stdout) as { tenants: { segments: number }[] };
    expect(tenants[0]?.segments).toBeGreaterThan(0);
    const files = readdirSync(join(folder, 'store'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(logs('search -c').stdout).toBe('40000\n');
    const back = logs('search -o raw -n 0').stdout.split(/(?<=\n)/);
    expect(back.length).toBe(lines.length);
    expect(back.sort().join('') === lines.sort().join('')).toBe(true);
    expect(JSON.parse(logs('agg --by level -o json').stdout)).toMatchObject([{ level: 'INFO', count: 40_000 }]);
    expect(logs('store verify').status).toBe(0);
  });

  it('load the database for what it has to read, and not for what the commits say', () => {
    const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: join(folder, 'store') };
    const counted = loadedBy(['search', '-c'], env);
    expect(counted.scripts).toEqual(['run.js', 'start.js', 'main.js']);
    expect(counted.packages).toEqual([]);
    const searched = loadedBy(['search', '-n', '1'], env);
    expect(searched.scripts).toEqual(['run.js', 'start.js', 'main.js', 'duckdb-api.js']);
    expect(searched.packages).toEqual([expect.stringMatching(/^@duckdb\/node-bindings-/)]);
    expect([...counted.unused, ...searched.unused]).toEqual([]);
  });
});
