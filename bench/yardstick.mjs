// The throw-away prototype of the hot path, `../shared/prototype`, found beside the folder of LOGS_TEST_DATA: what two
// cores can do in Node. Copied, installed and built in a temporary folder.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './place.mjs';

/** The keys it is to make columns of, which it is told by hand. Nezha's are in it. */
const GENERATED_KEYS = [
  { name: 'time', role: 'ts' },
  { name: 'message', role: 'msg' },
  { name: 'trace_id', role: 'id' },
  { name: 'span_id', role: 'id' },
  ...['level', 'service', 'pod', 'host'].map((name) => ({ name })),
];
/** MB a segment, zstd level, DuckDB's memory, MB a row group, tokens, never a lower level: as its README has it. */
const SETTINGS = ['32', '3', '256MB', '8', '1', '99'];

/** Gives {cwd, command(corpus, store)}; undefined where it cannot be had, which is told. */
export function buildYardstick(folder, talk) {
  const from = resolve(root, process.env.LOGS_TEST_DATA ?? join('..', 'shared', 'data'), '..', 'prototype');
  if (!existsSync(from)) {
    talk(`no yardstick: ${from} is not there`);
    return undefined;
  }
  const cwd = join(folder, 'yardstick');
  mkdirSync(cwd, { recursive: true });
  const files = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) writeFileSync(join(cwd, name), readFileSync(join(from, name)));
  appendFileSync(join(cwd, 'seg.mjs'), `\nKEYS.generated = ${JSON.stringify(GENERATED_KEYS)};\n`);
  for (const args of [
    ['install', '--no-audit', '--no-fund'],
    ['run', 'build'],
  ]) {
    const done = spawnSync('npm', args, { cwd, stdio: ['ignore', 2, 2] });
    if (done.status === 0) continue;
    talk(`no yardstick: npm ${args.join(' ')} failed in a copy of ${from}`);
    return undefined;
  }
  return {
    cwd,
    command(corpus, store) {
      const keys = corpus.name.startsWith('nezha') ? 'nz' : 'generated';
      return [process.execPath, 'ingest.mjs', keys, ...SETTINGS, store];
    },
  };
}
