import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-ship-signals-'));
afterAll(() => rmSync(folder, { recursive: true }));

function environment(store: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: join(folder, store) };
}

function counted(store: string): number {
  const done = spawnSync(process.execPath, [bin, 'search', '-c'], { env: environment(store), encoding: 'utf8' });
  return Number(done.stdout);
}

function start(store: string, args: readonly string[]) {
  const child = spawn(process.execPath, [bin, 'ship', ...args], { env: environment(store) });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data));
  child.stderr.on('data', (data: Buffer) => (err += data));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, ended, out: () => out, err: () => err };
}

/** Bytes in the log files of a store. */
function written(store: string): number {
  const log = join(folder, store, 'default', 'log');
  try {
    const files = readdirSync(log, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));
    return files.reduce((sum, name) => sum + statSync(join(log, name)).size, 0);
  } catch {
    return 0;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const began = Date.now(); !holds(); ) {
    if (Date.now() - began > 15_000) throw new Error('it did not come to pass in 15 s');
    await sleep(20);
  }
}

describe('logs ship that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s ends with 130, what it counts in the store',
    async (name) => {
      const { child, ended, out } = start(name, ['--json']);
      child.stdin.write('one\ntwo\nthree without an end');
      // A pipe that pauses gives what it has.
      await until(() => written(name) > 0);
      child.kill(name);
      expect(await ended).toEqual({ code: 130, signal: null });
      const { events, error } = JSON.parse(out());
      expect(events).toBe(3);
      expect(error).toMatchObject({ code: 'INTERRUPTED', exit: 130 });
      expect(counted(name)).toBe(3);
    },
  );

  it('twice ends at once, and the next ship sends exactly the rest', async () => {
    const file = join(folder, 'long.log');
    const lines = 300_000;
    writeFileSync(
      file,
      Array.from({ length: lines }, (_, n) => `{"n":${n},"message":"${'word '.repeat(30)}"}\n`).join(''),
    );
    const { child, ended } = start('twice', [file]);
    await until(() => written('twice') > 1_000_000);
    child.kill('SIGINT');
    await sleep(50);
    const asked = performance.now();
    const running = child.exitCode === null;
    child.kill('SIGINT');
    const end = await ended;
    if (running) expect(end).toEqual({ code: null, signal: 'SIGINT' });
    expect(performance.now() - asked).toBeLessThan(1000);
    const rest = start('twice', [file, '--json']);
    expect(await rest.ended).toEqual({ code: 0, signal: null });
    expect(JSON.parse(rest.out()).events).toBeLessThan(lines);
    expect(counted('twice')).toBe(lines);
  }, 40_000);

  it('says what becomes of the rest', async () => {
    const { child, ended, err } = start('words', []);
    child.stdin.write('one\n');
    await until(() => written('words') > 0);
    child.kill('SIGINT');
    await ended;
    expect(err()).toMatch(
      /^1 event, .*\ninterrupted: what is counted here is safe; files shipped again send the rest\n$/,
    );
  });
});
