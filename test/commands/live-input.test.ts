import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/run.js');

describe('a search of a pipe that stays open', () => {
  it('shows what came before the pipe gives more, in order of time where it came together', async () => {
    const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: tmpdir() };
    const child = spawn(process.execPath, [bin, 'search', '-o', 'raw', 'event', '-'], { env });
    const shown = async (): Promise<string> => String((await once(child.stdout, 'data'))[0]);
    child.stdin.write('2026-01-02T00:00:09Z event b\nother\n2026-01-02T00:00:08Z event a\n');
    expect(await shown()).toBe('2026-01-02T00:00:08Z event a\n2026-01-02T00:00:09Z event b\n');
    child.stdin.write('2026-01-02T00:00:01Z event late\n');
    expect(await shown()).toBe('2026-01-02T00:00:01Z event late\n');
    child.stdin.end('2026-01-02T00:00:10Z event last');
    expect(await shown()).toBe('2026-01-02T00:00:10Z event last\n');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
  });
});

const watches = spawnSync('tail', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU') === true;

describe.skipIf(!watches)('following into a pipe', () => {
  it('ends when the reader has gone, though nothing arrives', () => {
    const home = mkdtempSync(join(tmpdir(), 'logs-follow-'));
    const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: home, LOGS: `${process.execPath} ${bin}` };
    const script = 'echo one | $LOGS ship; $LOGS tail -f -n 1 -k message | head -n 1';
    const done = spawnSync('sh', ['-c', script], { env, encoding: 'utf8', timeout: 30_000 });
    rmSync(home, { recursive: true });
    expect(done).toMatchObject({ status: 0, signal: null, stdout: '{"message":"one"}\n' });
  }, 40_000);
});
