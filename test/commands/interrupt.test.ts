import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-interrupt-'));
const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: join(folder, 'store') };

/** Where the system tells: resolves when the process has loaded a library. */
async function hasLoaded(pid: number, library: string): Promise<void> {
  const maps = `/proc/${pid}/maps`;
  while (existsSync(maps) && !readFileSync(maps, 'utf8').includes(library)) await sleep(20);
}

/** Starts a command, interrupts it so many milliseconds after it has loaded a library, and says how it ended. */
async function interrupted(args: readonly string[], library: string, after: number) {
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let error = '';
  child.stderr.on('data', (data: Buffer) => {
    error += data;
  });
  child.stdout.resume();
  const ended = new Promise<{ code: number | null; signal: string | null; at: number }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, at: performance.now() }));
  });
  await hasLoaded(child.pid ?? 0, library);
  await sleep(after);
  const running = child.exitCode === null;
  const asked = performance.now();
  child.kill('SIGINT');
  const { code, signal, at } = await ended;
  return { running, code, signal, error, took: at - asked };
}

describe('Ctrl-C', () => {
  beforeAll(() => {
    const file = join(folder, 'many.log');
    const words = 'the quick brown fox jumps over the lazy dog and then some more of it '.repeat(8);
    const line = (n: number) => `{"level":"info","message":"${words} ${n}","at":${n}}\n`;
    writeFileSync(file, Array.from({ length: 60_000 }, (_, n) => line(n)).join(''));
    const shipped = spawnSync(process.execPath, [bin, 'ship', file], { env, encoding: 'utf8' });
    expect(shipped).toMatchObject({ status: 0 });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  // Twice nested repetition keeps the linear engines of the store busy, not endless.
  const busy = 'message:/(q[a-z ]{1,200}){3}(x|y)+.{50,60}zz$/';
  it.each([
    ['a search that DuckDB runs', ['search', '-c', busy], 'duckdb.node', 300],
    ['one that only begins', ['search', '-c', busy], 'duckdb.node', 0],
    ['statistics', ['agg', busy, '--by', 'at'], 'duckdb.node', 300],
    ['following', ['tail', '-n', '0'], '', 1000],
  ])(
    'ends %s with 130 soon, aborting nothing',
    async (_, args, library, after) => {
      const { running, code, signal, error, took } = await interrupted(args, library, after);
      expect(running).toBe(true);
      expect({ code, signal, error }).toEqual({ code: 130, signal: null, error: '' });
      expect(took).toBeLessThan(3000);
    },
    20_000,
  );
});
