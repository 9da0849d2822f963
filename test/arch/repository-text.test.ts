import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What git has or would have: no build output, no dependencies. Empty outside a git checkout. */
function repositoryFiles(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    return [];
  }
}

const texts = repositoryFiles()
  .filter((path) => !/^(samples|test\/golden)\/|\.(gz|parquet|png|bin)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('the text of the repository', () => {
  test('names no path of the machine it was written on', () => {
    // A name of one part, as /root, stands in many an honest text.
    const machine = [root, homedir()].filter((path) => path.split('/').length > 2);
    const found = texts.flatMap(({ path, text }) =>
      machine.filter((name) => text.includes(name)).map((name) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  test('has an index of documentation that names every page', () => {
    const pages = texts
      .map(({ path }) => path)
      .filter((path) => /^docs\/.+\.md$/.test(path) && path !== 'docs/README.md');
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    expect(pages.filter((path) => !index.includes(`(${path.slice('docs/'.length)})`))).toEqual([]);
  });

  test('takes no package from elsewhere than the public registry', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const elsewhere = Object.values(lock.packages)
      .map(({ resolved }) => resolved)
      .filter((url) => url !== undefined && !url.startsWith('https://registry.npmjs.org/'));
    expect(elsewhere).toEqual([]);
  });

  test('keeps every source file to one idea: 400 lines at the most, tables apart', () => {
    const long = texts
      .filter(({ path }) => /^(src|scripts|bench|bin)\/.*\.(ts|mjs|js)$/.test(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});
