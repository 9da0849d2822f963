import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import Agg from '../../src/commands/agg.ts';
import Search from '../../src/commands/search.ts';
import Ship from '../../src/commands/ship.ts';
import StoreCompact from '../../src/commands/store/compact.ts';
import StoreDrop from '../../src/commands/store/drop.ts';
import StoreStats from '../../src/commands/store/stats.ts';
import StoreVerify from '../../src/commands/store/verify.ts';
import Tail from '../../src/commands/tail.ts';
import { RECORD_FORMATS } from '../../src/lib/render/output.ts';
import { ERROR_CODES } from '../../src/lib/errors.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const COMMANDS = {
  ship: Ship,
  search: Search,
  tail: Tail,
  agg: Agg,
  'store stats': StoreStats,
  'store verify': StoreVerify,
  'store compact': StoreCompact,
  'store drop': StoreDrop,
};

describe('documentation', () => {
  it('has every output format and every exit code', () => {
    const text = read('command-line.md');
    for (const format of RECORD_FORMATS) expect(text).toContain(`\`${format}\``);
    for (const exit of [0, 1, 2, 130]) expect(text).toContain(`| ${exit} |`);
  });

  it('has one line for each error code, with its exit code, and no other', () => {
    const rows = [...read('errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)];
    const documented = rows.map(([, code, exit]) => `${code} ${exit}`);
    expect(documented.sort()).toEqual(
      Object.entries(ERROR_CODES)
        .map(([code, { exit }]) => `${code} ${exit}`)
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
