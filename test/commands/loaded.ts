import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Parts of Node that no answer of a search or a count needs, and what each costs before it does anything. */
const UNUSED_NODE: Readonly<Record<string, string>> = {
  crypto: '2 ms: names of new files and hashes of sources are random or computed where something is written',
  'internal/modules/esm/translators': '5 ms: the loader of ES modules',
  perf_hooks: '1 ms: behind the global `performance`',
  worker_threads: '1 ms: the builders of segments',
  readline: '1 ms: the framework asks questions with it',
  http: '5 ms: the clients of servers',
  inspector: '1 ms',
};

const BARE = spawnSync(process.execPath, ['-p', "process.moduleLoadList.join('\\n')"], { encoding: 'utf8' })
  .stdout.split('\n')
  .map((name) => name.replace('NativeModule ', ''));

const PRELOAD = `
const path = require('node:path');
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  const node = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).map((name) => name.slice(13));
  writeFileSync(process.env.LOADED, JSON.stringify({ files: Object.keys(require.cache), node }));
});
`;

/** What one command line loads: its own scripts by name, files of other packages, and what of Node itself. */
export function loadedBy(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const folder = mkdtempSync(join(tmpdir(), 'logs-loaded-'));
  try {
    const preload = join(folder, 'preload.cjs');
    const list = join(folder, 'list.json');
    writeFileSync(preload, PRELOAD);
    const bin = join(import.meta.dirname, '../../bin/run.js');
    const { status, stderr } = spawnSync(process.execPath, ['--require', preload, bin, ...args], {
      encoding: 'utf8',
      env: { ...env, LOADED: list },
    });
    const { files, node } = JSON.parse(readFileSync(list, 'utf8')) as { files: string[]; node: string[] };
    const own = files.filter((file) => file !== preload);
    return {
      status,
      stderr,
      scripts: own.filter((file) => !file.includes('/node_modules/')).map((file) => basename(file)),
      packages: own.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
      node,
      // What bare Node has loaded already, as other versions have of these, costs nothing more.
      unused: node.filter((name) => UNUSED_NODE[name] !== undefined && !BARE.includes(name)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
