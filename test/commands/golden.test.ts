import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../golden/commands');
const run = join(import.meta.dirname, '../../bin/run.js');

interface Case {
  readonly arguments: string[];
  /** File of the folder on standard input; else it is empty. */
  readonly input?: string;
  readonly output: string;
  readonly error: string;
  readonly exit: number;
}

describe('command lines', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    it(file.slice(0, -'.json'.length), () => {
      const expected = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case;
      const done = spawnSync(process.execPath, [run, ...expected.arguments], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TZ: 'UTC', HOME: '/nonexistent' },
        input: expected.input === undefined ? '' : readFileSync(join(folder, expected.input)),
      });
      expect({ output: done.stdout, error: done.stderr, exit: done.status }).toEqual({
        output: expected.output,
        error: expected.error,
        exit: expected.exit,
      });
    });
  }
});
