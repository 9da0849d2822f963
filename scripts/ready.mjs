// Makes a fresh clone ready: installs what the lockfile names, builds what changed. Built-ins only: it runs before
// node_modules is there. All its talk goes to stderr, because stdout belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, 'node_modules', '.package-lock.json');
const lock = join(root, 'package-lock.json');

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  process.stderr.write('installing dependencies …\n');
  run(npmCommand(), ['ci', '--include=dev', '--no-audit', '--no-fund']);
}
run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-changed']);

function npmCommand() {
  return process.env.npm_execpath ?? 'npm';
}

function run(command, args) {
  const script = command.endsWith('.js') || command.endsWith('.cjs');
  const done = spawnSync(script ? process.execPath : command, script ? [command, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
