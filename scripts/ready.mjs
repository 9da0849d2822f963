// Makes a fresh clone ready: installs what the lockfile names, builds what changed. Built-ins only: it runs before
// node_modules is there. All its talk goes to stderr, because stdout belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, 'node_modules', '.package-lock.json');
const lock = join(root, 'package-lock.json');

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  process.stderr.write('installing dependencies …\n');
  install();
}
run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-changed']);

/** Dev tools too, whatever NODE_ENV or a user's npm configuration leaves out: the build needs the compiler. */
function install() {
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  // npm names its own script to what it starts. Another package manager names itself there, and knows no `ci`.
  const npm = process.env.npm_execpath;
  if (npm !== undefined && basename(npm) === 'npm-cli.js') run(process.execPath, [npm, ...options]);
  // On Windows npm is a .cmd, which only a shell starts.
  else run('npm', options, { shell: process.platform === 'win32' });
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (done.error !== undefined) process.stderr.write(`${command}: ${done.error.message}\n`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}
