import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const run = join(import.meta.dirname, '../../bin/run.js');
const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: '/nonexistent' };

function logs(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [run, ...args], { env, input: '', encoding: 'utf8' });
  return { stdout, stderr, status };
}

describe('help', () => {
  it.each([[[]], [['ship']], [['store']], [['store', 'drop']]])(
    'is the same as a word before %j and as a flag behind it',
    (words) => {
      const asked = logs('help', ...words);
      expect(asked).toEqual(logs(...words, '--help'));
      expect(asked).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('USAGE') });
    },
  );

  it('of a command opens with its examples', () => {
    const { stdout } = logs('ship', '-h');
    expect(stdout.indexOf('EXAMPLES')).toBeGreaterThan(0);
    expect(stdout.indexOf('EXAMPLES')).toBeLessThan(stdout.indexOf('USAGE'));
  });
});
