import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/run.js');

describe('a JSON array that ends early', () => {
  it.each([[['--json']], [['-o', 'json']]])('is whole with %j, and standard error says why', async (flags) => {
    const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: tmpdir() };
    const child = spawn(process.execPath, [bin, 'search', ...flags, '-'], { env });
    const shown = { out: '', error: '' };
    child.stdout.on('data', (data: Buffer) => {
      shown.out += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      shown.error += data;
    });
    child.stdin.write('{"msg":"a"}\n');
    while (!shown.out.includes('"a"')) await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(JSON.parse(shown.out)).toMatchObject([{ message: 'a' }]);
    expect(shown.error).toContain('interrupted');
  });

  it('has not begun where nothing was found before: standard output is the error alone', async () => {
    const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: tmpdir() };
    const child = spawn(process.execPath, [bin, 'search', '--json', '/proc/self/mem'], { env });
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data;
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'NOT_READABLE', exit: 2 } });
  });
});
