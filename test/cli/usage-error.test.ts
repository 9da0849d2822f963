import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@oclif/core';
import { describe, expect, it } from 'vitest';
import { usageError } from '../../src/cli/usage-error.ts';

const folder = join(import.meta.dirname, '../../src/commands');

/** As far as the framework's checks need it. */
interface Flag {
  readonly type: 'boolean' | 'option';
  readonly options?: readonly string[];
  readonly exclusive?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly helpValue?: string;
  readonly min?: number;
}
interface CommandClass {
  readonly flags: { readonly [name: string]: Flag };
  readonly baseFlags: { readonly [name: string]: Flag };
}

/** What the framework says of these arguments, in our words. */
async function told(flags: { readonly [name: string]: Flag }, argv: readonly string[]) {
  const failure = await Parser.parse([...argv], { flags: flags as never, strict: true }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error(`${argv.join(' ')} was taken`);
  const { message, hint } = usageError(failure.message);
  return { message, hint };
}

/** A flag with a value that is right for it. */
function given(name: string, flag: Flag | undefined): string[] {
  if (flag?.type !== 'option') return [`--${name}`];
  return [`--${name}`, flag.options?.[0] ?? (flag.min === undefined ? 'x' : '1')];
}

describe('what the framework says of flags', async () => {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )) {
    const { default: command } = (await import(join(folder, file))) as { default: CommandClass };
    const flags = { ...command.baseFlags, ...command.flags };
    for (const [name, flag] of Object.entries(flags)) {
      for (const other of flag.exclusive ?? []) {
        it(`${file}: --${name} with --${other}`, async () => {
          const { message, hint } = await told(flags, [...given(name, flag), ...given(other, flags[other])]);
          expect(message).toBe(`--${other} does not go with --${name}`);
          expect(hint).toBe('leave out one of them');
        });
      }
      for (const other of flag.dependsOn ?? []) {
        it(`${file}: --${name} without --${other}`, async () => {
          const { message, hint } = await told(flags, given(name, flag));
          expect(message).toBe(`--${name} goes with --${other} only`);
          expect(hint).toBe(`add --${other}, or leave out --${name}`);
        });
      }
      if (flag.options !== undefined) {
        it(`${file}: --${name} with another value`, async () => {
          const { message, hint } = await told(flags, [`--${name}`, 'no such']);
          expect(message).toBe(`--${name} cannot be "no such"`);
          expect(hint).toBe(`one of ${flag.options?.join(', ')}`);
        });
      }
      if (flag.min !== undefined) {
        it(`${file}: --${name} with a number that is none`, async () => {
          for (const value of [String(flag.min! - 1), 'x', '1.5', '99999999999999999999']) {
            const { message } = await told(flags, [`--${name}`, value]);
            expect(message).toMatch(/^--[\w-]+ takes a whole number(?: (?:from|up to) \d+)?, not \S+$/);
          }
        });
      }
    }
  }

  it('names the nearest value', () => {
    const { hint } = usageError('Expected --output=jsn to be one of: json, csv\nSee more help with --help');
    expect(hint).toBe('did you mean json? one of json, csv');
  });

  it('passes on in one line what is not known', () => {
    expect(usageError('Something\n  else\nSee more help with --help').message).toBe('Something else');
  });
});
