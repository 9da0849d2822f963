import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import Agg from '../../src/commands/agg.ts';
import Search from '../../src/commands/search.ts';
import StoreDrop from '../../src/commands/store/drop.ts';
import StoreStats from '../../src/commands/store/stats.ts';
import StoreVerify from '../../src/commands/store/verify.ts';
import Tail from '../../src/commands/tail.ts';
import { ERROR_CODES } from '../../src/lib/errors.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const COMMANDS = {
  search: Search,
  tail: Tail,
  agg: Agg,
  'store stats': StoreStats,
  'store verify': StoreVerify,
  'store drop': StoreDrop,
};

/** The flag table of a command as `docs/commands.md` must have it. */
function flagTable(command: (typeof COMMANDS)[keyof typeof COMMANDS]): string {
  const rows = Object.entries({ ...command.flags, ...command.baseFlags }).map(([name, flag]) => {
    const short = flag.char === undefined ? '' : `-${flag.char}, `;
    const value = flag.type === 'option' ? ` ${flag.helpValue ?? 'VALUE'}` : '';
    const aliases = (flag.aliases ?? []).map((alias) => ` (--${alias})`).join('');
    return `| \`${short}--${name}${value}\`${aliases} | ${flag.summary} |`;
  });
  return ['| Flag | Meaning |', '|---|---|', ...rows].join('\n');
}

describe('documentation', () => {
  it.each(Object.entries(COMMANDS))('has the flags of %s as the code has them', (_, command) => {
    expect(read('commands.md')).toContain(flagTable(command));
  });

  it('has one line for each error code, with its exit code, and no other', () => {
    const documented = [...read('errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, exit]) => [
      code,
      Number(exit),
    ]);
    expect(documented.sort()).toEqual(
      Object.entries(ERROR_CODES)
        .map(([code, { exit }]) => [code, exit])
        .sort(),
    );
  });
});

describe('every command', () => {
  it.each(Object.entries(COMMANDS))(
    '%s never lets the framework read standard input, and has examples',
    (_, command) => {
      for (const arg of Object.values(command.args)) expect(arg).toMatchObject({ ignoreStdin: true });
      expect(command.examples?.length).toBeGreaterThan(2);
      for (const flag of Object.values({ ...command.flags, ...command.baseFlags })) expect(flag.summary).toBeTruthy();
    },
  );
});
