import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');

interface Input {
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

const { inputs, outputs } = JSON.parse(readFileSync(join(dist, '.bundle.json'), 'utf8')) as {
  inputs: Record<string, Input>;
  outputs: Record<string, { readonly inputs: Record<string, unknown> }>;
};

function packageOf(input: string): string | undefined {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

/** What is evaluated together with a file of the sources, before it runs: the files, and packages by their names. */
function loadedWith(entry: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    const owner = packageOf(path);
    if (owner !== undefined) packages.add(owner);
    for (const { path: imported, kind, external } of inputs[path]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external !== true) waiting.push(imported);
      else if (!imported.startsWith('node:')) packages.add(imported);
    }
  }
  return { files, packages };
}

describe('the bundle', () => {
  const commands = Object.keys(inputs).filter((name) => name.startsWith('src/commands/'));

  test('has each command', () => {
    expect(commands).toEqual(expect.arrayContaining(['src/commands/agg.ts', 'src/commands/store/stats.ts']));
    expect(Object.keys(outputs['main.js']?.inputs ?? {})).toEqual(expect.arrayContaining(commands));
  });

  test.each([...commands, 'src/cli/main.ts'])('%s starts without what only some answers need', (command) => {
    const { files, packages } = loadedWith(command);
    // Proof that the walk finds anything at all.
    expect([...files]).toContain('src/lib/errors.ts');
    for (const heavy of ['@duckdb/node-api', '@duckdb/node-bindings', 'chalk', 'cli-progress', 'cli-table3', 're2js']) {
      expect([...packages]).not.toContain(heavy);
    }
  });

  test('has the libraries that not every command needs in scripts of their own', () => {
    const packages = Object.keys(outputs['main.js']?.inputs ?? {}).map(packageOf);
    for (const heavy of ['@duckdb/node-api', '@elastic/elasticsearch', 'kafkajs', 'avsc']) {
      expect(packages).not.toContain(heavy);
    }
    expect(Object.keys(outputs['duckdb-api.js']?.inputs ?? {}).map(packageOf)).toContain('@duckdb/node-api');
  });

  test('has the worker beside the script that starts it', () => {
    const starters = Object.entries(outputs).filter(([, script]) =>
      Object.keys(script.inputs).some((input) => input.endsWith('/builder-pool.ts')),
    );
    expect(starters.map(([name]) => name)).toEqual(['main.js']);
    expect(existsSync(join(dist, 'bundle', 'builder-worker.js'))).toBe(true);
  });

  // The identity is what the compiled code of a script is kept under; V8 itself looks only at the script's length.
  test('says in the first line of each script what is in it', () => {
    const scripts = readdirSync(join(dist, 'bundle')).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(5);
    for (const name of scripts) {
      const [, line, rest] = /^\/\/(.*)\n([^]*)$/.exec(readFileSync(join(dist, 'bundle', name), 'utf8')) ?? [];
      const sum = createHash('sha256').update(String(rest)).digest('hex');
      expect(line, name).toBe(sum.slice(0, 32));
      // It is read as Latin-1, which for anything but ASCII would be other text.
      expect(/^\p{ASCII}*$/u.test(String(rest)), name).toBe(true);
    }
  });

  test('keeps the licence of every package in it', () => {
    const kept = readFileSync(join(dist, 'bundle', 'THIRD-PARTY-LICENSES'), 'utf8');
    const packages = new Set(
      Object.keys(inputs)
        .map(packageOf)
        .filter((name) => name !== undefined),
    );
    expect([...packages].filter((name) => !kept.includes(`${name} `))).toEqual([]);
    expect(packages.size).toBeGreaterThan(10);
  });
});
