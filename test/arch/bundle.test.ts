import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');

interface Output {
  readonly entryPoint?: string;
  readonly inputs: Record<string, unknown>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

const { outputs } = JSON.parse(readFileSync(join(dist, '.bundle.json'), 'utf8')) as { outputs: Record<string, Output> };

/** Names of the imports are those of the folder that the bundle was first written to: the end tells which file. */
function outputOf(path: string): readonly [string, Output] {
  const found = Object.entries(outputs).find(([name]) => path === name || path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`${path} is not in the bundle`);
  return found;
}

function packageOf(input: string): string | undefined {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

/** The packages whose code is loaded together with a file of the bundle, before it runs. */
function packagesLoadedWith(entry: string): string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const [name, output] = outputOf(path);
    if (seen.has(name)) continue;
    seen.add(name);
    for (const input of Object.keys(output.inputs)) {
      const owner = packageOf(input);
      if (owner !== undefined) packages.add(owner);
    }
    for (const { path: imported, kind, external } of output.imports) {
      if (kind === 'dynamic-import') continue;
      if (external !== true) waiting.push(imported);
      else if (!imported.startsWith('node:')) packages.add(imported);
    }
  }
  return [...packages];
}

describe('the bundle', () => {
  const commands = Object.keys(outputs).filter((name) => name.startsWith('commands/'));

  test('has each command', () => {
    expect(commands.sort()).toEqual(expect.arrayContaining(['commands/agg.js', 'commands/store/stats.js']));
  });

  test.each([...commands, 'main.js'])('%s starts without what only some answers need', (command) => {
    const loaded = packagesLoadedWith(command);
    // Proof that the walk finds packages at all.
    expect(loaded).toContain('@oclif/core');
    for (const heavy of ['@duckdb/node-api', '@duckdb/node-bindings', 'chalk', 'cli-progress', 'cli-table3', 're2js']) {
      expect(loaded).not.toContain(heavy);
    }
  });

  test('has the worker beside the file that starts it', () => {
    const [starter] = Object.entries(outputs).find(([, { inputs }]) =>
      Object.keys(inputs).some((input) => input.endsWith('/builder-pool.ts')),
    ) ?? [''];
    expect(existsSync(join(dist, 'bundle', starter, '..', 'builder-worker.js'))).toBe(true);
    expect(starter).not.toContain('/');
  });

  test('keeps the licence of every package in it', () => {
    const kept = readFileSync(join(dist, 'bundle', 'THIRD-PARTY-LICENSES'), 'utf8');
    const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
    const packages = new Set(inputs.map(packageOf).filter((name) => name !== undefined));
    expect([...packages].filter((name) => !kept.includes(`${name} `))).toEqual([]);
    expect(packages.size).toBeGreaterThan(10);
  });
});
