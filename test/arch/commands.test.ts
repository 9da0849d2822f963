import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

interface Described {
  readonly summary?: string;
  readonly description?: string;
  readonly char?: string;
}
interface CachedCommand extends Described {
  readonly id: string;
  readonly hidden?: boolean;
  readonly examples?: readonly unknown[];
  readonly strict?: boolean;
  readonly args: Record<string, { readonly ignoreStdin?: boolean }>;
  readonly flags: Record<string, Described & { readonly hidden?: boolean }>;
}

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, CachedCommand>;
  version: string;
};
const commands = Object.values(manifest.commands);

describe('the commands', () => {
  test('are there, in the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(manifest.version).toBe(version);
    expect(Object.keys(manifest.commands)).toEqual(
      expect.arrayContaining(['agg', 'search', 'ship', 'store:drop', 'store:stats', 'store:verify', 'tail']),
    );
  });

  test.each(commands.map((command) => [command.id, command] as const))(
    '%s never reads standard input into an argument',
    (_id, command) => {
      // The framework would take a whole piped log as the first argument that is missing.
      const reading = Object.entries(command.args).filter(([, arg]) => arg.ignoreStdin !== true);
      expect(reading.map(([name]) => name)).toEqual([]);
    },
  );

  test.each(commands.map((command) => [command.id, command] as const))(
    '%s says what it and each flag does',
    (_id, command) => {
      expect(command.summary ?? command.description ?? '').not.toBe('');
      expect(command.examples ?? []).not.toEqual([]);
      const silent = Object.entries(command.flags).filter(([, flag]) => !(flag.summary ?? flag.description));
      expect(silent.map(([name]) => name)).toEqual([]);
    },
  );

  test.each(commands.map((command) => [command.id, command] as const))(
    '%s gives no two flags one letter',
    (_id, command) => {
      const letters = Object.values(command.flags).flatMap(({ char }) => (char === undefined ? [] : [char]));
      expect(letters).toEqual([...new Set(letters)]);
    },
  );
});
