import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadedBy } from './loaded.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'logs-cold-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An installation of its own: what is kept beside the one under test is kept by every other test as well. */
const installed = join(folder, 'installed');
for (const part of ['bin', 'dist/bundle', 'package.json', 'oclif.manifest.json']) {
  cpSync(join(root, part), join(installed, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
const beside = join(installed, 'dist/bundle/.code');
const home = join(folder, 'home');
const log = join(folder, 'app.log');
writeFileSync(log, '{"level":"error","msg":"out of memory"}\n{"level":"info","msg":"fine"}\n');
const ANSWER = '{"level":"error","msg":"out of memory"}\n';
const SEARCH = [join(installed, 'bin/run.js'), 'search', 'memory', log, '-o', 'raw'];

const env = { PATH: process.env.PATH, HOME: home, LOGS_STORE: join(folder, 'store') };

function search(options: { readonly node?: readonly string[]; readonly env?: Record<string, string> } = {}) {
  const args = [...(options.node ?? []), ...SEARCH];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...env, ...options.env },
  });
  return { status, stdout, stderr };
}

const DONE = { status: 0, stdout: ANSWER, stderr: '' };

/** The files of compiled code in a folder, each with what tells whether it was written anew. */
function kept(at: string): readonly { readonly name: string; readonly inode: number }[] {
  return readdirSync(at)
    .sort()
    .map((name) => ({ name, inode: statSync(join(at, name)).ino }));
}

beforeEach(() => {
  rmSync(beside, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
});

describe('the compiled code of a command', () => {
  it('is kept beside the scripts by the first process and taken by the next', () => {
    expect(search()).toEqual(DONE);
    const first = kept(beside);
    expect(first.map(({ name }) => name)).toEqual([expect.stringMatching(/^main\.js-search-[0-9a-f]{32}-v\d+.*$/)]);
    expect(search()).toEqual(DONE);
    expect(kept(beside)).toEqual(first);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is made anew where a process uses more scripts than those before, for then it uses more of each', () => {
    const sealed = join(folder, 'used-more');
    const [program = '', ...words] = SEARCH;
    for (const args of [
      ['ship', log, '--store', sealed],
      ['store', 'compact', '--store', sealed],
    ])
      expect(spawnSync(process.execPath, [program, ...args], { env }).status).toBe(0);
    search();
    const [first] = kept(beside).filter(({ name }) => name.startsWith('main.js-search-'));
    const inStore = [program, ...words.slice(0, 2), '--store', sealed];
    for (let run = 0; run < 2; run++) expect(spawnSync(process.execPath, inStore, { env }).status).toBe(0);
    const after = kept(beside).filter(({ name }) => name.includes('-search-'));
    expect(after.map(({ name }) => name)).toEqual([expect.stringMatching(/^duckdb-api\.js-/), first?.name]);
    expect(after[1]?.inode).not.toBe(first?.inode);
    search();
    expect(kept(beside).filter(({ name }) => name.includes('-search-'))).toEqual(after);
  });

  it('is made anew where a byte of it is wrong, whichever', () => {
    search();
    const [file] = kept(beside);
    const path = join(beside, file?.name ?? '');
    const whole = readFileSync(path);
    // V8 would end the process on most of these.
    for (const at of [0, 9, 20, 200, whole.length >> 1, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      writeFileSync(path, changed);
      expect(search(), `byte ${at}`).toEqual(DONE);
      expect(readFileSync(path).equals(changed), `byte ${at}`).toBe(false);
    }
    writeFileSync(path, whole.subarray(0, whole.length >> 1));
    expect(search()).toEqual(DONE);
    expect(readFileSync(path).length).toBeGreaterThan(whole.length >> 1);
  });

  it('is made anew where V8 rejects it, as it does that of other flags', () => {
    search();
    const first = kept(beside);
    expect(search({ node: ['--no-opt'] })).toEqual(DONE);
    const second = kept(beside);
    expect(second.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
    expect(second).not.toEqual(first);
    expect(search({ node: ['--no-opt'] })).toEqual(DONE);
    expect(kept(beside)).toEqual(second);
  });

  it('is not taken for that of another build', () => {
    search();
    const first = kept(beside);
    const script = join(installed, 'dist/bundle/main.js');
    const built = readFileSync(script, 'utf8');
    try {
      // As long as before, so that V8 by itself would take the old code for it.
      writeFileSync(script, built.replace(/^\/\/.{8}/, '//00000000').replaceAll('out of', 'oot of'));
      expect(search()).toEqual(DONE);
      expect(kept(beside).length).toBe(2);
      expect(kept(beside)).toEqual(expect.arrayContaining([...first]));
    } finally {
      writeFileSync(script, built);
    }
  });

  it('is kept in the cache of the user where the program cannot be written', () => {
    // A file in the place of the folder stops root as well, whom a mode does not.
    writeFileSync(beside, '');
    expect(search()).toEqual(DONE);
    const own = join(home, '.cache/logs/code');
    const first = kept(own);
    expect(first.length).toBe(1);
    expect(search()).toEqual(DONE);
    expect(kept(own)).toEqual(first);
  });

  it('is done without where nothing can be written, or Node is told to keep none', () => {
    writeFileSync(beside, '');
    writeFileSync(join(home, '.cache'), '');
    expect(search()).toEqual(DONE);
    expect(search({ env: { HOME: '/proc' } })).toEqual(DONE);
    rmSync(beside);
    expect(search({ env: { NODE_DISABLE_COMPILE_CACHE: '1' } })).toEqual(DONE);
    expect(readdirSync(join(installed, 'dist/bundle'))).not.toContain('.code');
  });

  it('is whole after many processes at once have made it', async () => {
    const runs = Array.from({ length: 8 }, () => spawn(process.execPath, SEARCH, { env }));
    expect(await Promise.all(runs.map(outcome))).toEqual(runs.map(() => DONE));
    const after = kept(beside);
    expect(after.map(({ name }) => name)).toEqual([expect.stringMatching(/^main\.js-search-/)]);
    expect(search()).toEqual(DONE);
    expect(kept(beside)).toEqual(after);
  });

  it('is not kept of a command that failed, for it did little of what the next will', () => {
    const failed = spawnSync(process.execPath, [...SEARCH.slice(0, 2), '--limit', 'x'], { env });
    expect(failed.status).toBe(2);
    expect(readdirSync(join(installed, 'dist/bundle'))).not.toContain('.code');
  });
});

describe('an installation that is not whole', () => {
  it.each(['start.js', 'main.js'])('without %s ends with 2, in one line and a hint', (name) => {
    const part = join(folder, 'part');
    cpSync(join(installed, 'bin'), join(part, 'bin'), { recursive: true });
    cpSync(join(installed, 'dist/bundle'), join(part, 'dist/bundle'), { recursive: true });
    rmSync(join(part, 'dist/bundle', name));
    const done = spawnSync(process.execPath, [join(part, 'bin/run.js'), 'search', 'x'], { encoding: 'utf8', env });
    expect(done.status).toBe(2);
    expect(done.stderr).toMatch(/^error: the program is not whole: [^\n]*\nhint: install it again\n$/);
    expect(done.stderr).toContain(name);
  });
});

describe('a command', () => {
  const store = join(folder, 'searched');
  const asked = { ...env, LOGS_STORE: store };

  it.each([
    ['searches the store', ['search', 'memory', '--store', store]],
    ['counts in it', ['agg', '--by', 'level', '--store', store]],
    ['searches a file', ['search', 'memory', log]],
  ])('loads nothing that it does not use when it %s', (_, args) => {
    spawnSync(process.execPath, [SEARCH[0] ?? '', 'ship', log, '--store', store], { env: asked });
    const loaded = loadedBy(args, asked);
    expect({ status: loaded.status, stderr: loaded.stderr }).toEqual({ status: 0, stderr: '' });
    expect(loaded.scripts).toEqual(['run.js', 'start.js', 'main.js']);
    expect(loaded.packages).toEqual([]);
    expect(loaded.unused).toEqual([]);
    // Proof that the list is one.
    expect(loaded.node).toContain('vm');
  });

  it.each([
    ['the filters of segments', ['nowhere']],
    ['the counts of commits', ['level:fatal NOT fine']],
    ['the counts of commits where only a number is asked for', ['level:fatal', '--count']],
  ])('loads no DuckDB where %s say that nothing matches', (_, query) => {
    const sealed = join(folder, 'sealed');
    for (const args of [
      ['ship', log, '--store', sealed],
      ['store', 'compact', '--store', sealed],
    ]) {
      expect(spawnSync(process.execPath, [SEARCH[0] ?? '', ...args], { env: asked }).status).toBe(0);
    }
    const loaded = loadedBy(['search', ...query, '--store', sealed], asked);
    expect({ status: loaded.status, stderr: loaded.stderr }).toEqual({ status: 1, stderr: '' });
    expect(loaded.packages).toEqual([]);
    expect(loadedBy(['search', 'memory', '--store', sealed], asked).packages).not.toEqual([]);
  });
});

async function outcome(child: ChildProcess) {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (data: string) => (text[name] += data));
  }
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, ...text };
}
