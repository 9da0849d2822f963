// Whether a store gives back every byte it was given, told by programs that are no part of this project.
import { spawnSync } from 'node:child_process';
import { logs } from './place.mjs';

const SORTED = 'sort | sha256sum';

/** SHA-256 of a file's lines in the order of their bytes: equal for equal lines, wherever they stand. Empty ones apart. */
export function linesOf(file) {
  return shell(`grep . "$1" | ${SORTED}`, [file]);
}

/** The same of every event in a store. */
export function linesIn(store) {
  return shell(`"$@" | ${SORTED}`, [...logs, 'search', '--store', store, '-n', '0', '-o', 'raw']);
}

function shell(script, args) {
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script, 'bash', ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return stdout.trim();
}
