import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'test/golden/commands');

interface Case {
  /** `search -n` */
  readonly flag: string;
  readonly arguments: readonly string[];
  readonly output: string;
  readonly error: string;
  readonly exit: number;
}
interface Manifest {
  readonly commands: {
    readonly [id: string]: { readonly flags: { readonly [name: string]: { readonly char?: string } } };
  };
}

const cases = JSON.parse(readFileSync(join(root, 'test/golden/short-flags.json'), 'utf8')) as readonly Case[];
const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as Manifest;

describe('short flags', () => {
  it('have a case each, of every command', () => {
    const all = Object.entries(commands).flatMap(([id, { flags }]) =>
      Object.values(flags).flatMap(({ char }) => (char === undefined ? [] : [`${id.replaceAll(':', ' ')} -${char}`])),
    );
    expect(cases.map(({ flag }) => flag).sort()).toEqual(all.sort());
  });

  it.each(cases.map((each) => [each.flag, each] as const))('logs %s', (_, expected) => {
    const done = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...expected.arguments], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TZ: 'UTC', HOME: '/nonexistent' },
      input: '',
    });
    const { output, error, exit } = expected;
    expect({ output: done.stdout, error: done.stderr, exit: done.status }).toEqual({ output, error, exit });
  });
});
