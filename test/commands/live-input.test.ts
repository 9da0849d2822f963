import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
