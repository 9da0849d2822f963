import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

function logs(line: string, input = '') {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: join(folder, 'store') };
  const done = spawnSync(process.execPath, [bin, ...line.split(' ')], { encoding: 'utf8', env, input });
  return { output: done.stdout, error: done.stderr, exit: done.status };
}

describe('the commands on a store, one after the other', () => {
  it('says what to do where there is none', () => {
    const { error, exit } = logs('search x');
    expect(exit).toBe(2);
    expect(error).toContain('logs ship');
  });

  it('finds, counts and computes over what was shipped', () => {
    const input = '{"level":"error","msg":"a timeout","n":1}\n{"level":"info","msg":"fine","n":2}\n';
    expect(logs('ship', input).exit).toBe(0);
    expect(logs('search level:ERROR -k message')).toMatchObject({ output: '{"message":"a timeout"}\n', exit: 0 });
    expect(logs('search level:ERROR -o raw').output).toBe('{"level":"error","msg":"a timeout","n":1}\n');
    expect(logs('agg --by level -o csv').output).toBe('level,count\nERROR,1\nINFO,1\n');
    expect(logs('search nothing').exit).toBe(1);
    expect(logs('tail --no-follow -k n -n 1').output).toBe('{"n":2}\n');
  });

  it('follows until the time is over', () => {
    expect(logs('tail -k n --timeout 1s')).toMatchObject({ output: '{"n":1}\n{"n":2}\n', exit: 0 });
    expect(logs('tail nothing --timeout 1s').exit).toBe(1);
    expect(logs('tail -k n --timeout 30s --stop-on level:ERROR')).toMatchObject({ exit: 0 });
    expect(logs('tail -k n --timeout 30s --fail-on level:ERROR')).toMatchObject({ exit: 1 });
  });

  it('merges what is small, and says what it would merge', () => {
    for (const n of [3, 4]) {
      expect(logs('ship', `{"level":"info","msg":"more","n":${n}}\n`).exit).toBe(0);
      // Seals it, since nobody writes to it.
      expect(logs('store compact').exit).toBe(0);
    }
    const found = logs('search -k n').output;
    expect(found.split('\n').length - 1).toBe(4);
    expect(logs('store compact --dry-run')).toMatchObject({ output: expect.stringContaining('default: '), exit: 0 });
    const { tenants } = JSON.parse(logs('store compact --json').output);
    expect(tenants).toMatchObject([{ tenant: 'default', damage: [], after: { segments: 1 } }]);
    expect(logs('store compact').output).toMatch(/^default: nothing to compact, 1 segment, /);
    expect(logs('search -k n').output).toBe(found);
    expect(logs('store compact --tenant nobody')).toMatchObject({ output: '', exit: 2 });
    expect(logs('store compact --tenant nobody').error).toBe(
      `error: there is no tenant nobody in ${join(folder, 'store')}\nhint: It has default.\n`,
    );
  });

  it('says what it holds, verifies, and drops only with leave', () => {
    expect(JSON.parse(logs('store stats --json').output)).toMatchObject({
      tenants: [{ events: 4, levels: { ERROR: 1, INFO: 3 } }],
    });
    expect(logs('store verify').exit).toBe(0);
    expect(logs('store drop').exit).toBe(2);
    expect(logs('store drop --yes --json')).toMatchObject({ output: '{"dropped":["default"]}\n', exit: 0 });
    expect(logs('store stats').exit).toBe(2);
  });
});
