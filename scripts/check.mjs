// `npm run check`: everything that can be said about the code without running it. Every step runs, so that one
// run shows all there is to mend; the exit code is 1 if any failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const steps = [
  { name: 'types', run: () => tool('typescript/bin/tsc', ['-p', 'test']) },
  { name: 'lint', run: () => tool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']) },
  { name: 'format', run: () => tool('@biomejs/biome/bin/biome', ['format', '.']) },
  { name: 'architecture', run: () => tool('dependency-cruiser/bin/dependency-cruise.mjs', ['src', 'bin']) },
  { name: 'dead code', run: () => tool('knip/bin/knip.js', ['--no-progress']) },
  { name: 'command manifest', run: manifestIsClean },
  { name: 'generated documentation', run: () => node('scripts/docs.mjs', ['--check']) },
];

const failed = [];
for (const { name, run } of steps) {
  const started = performance.now();
  const output = run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (output === undefined) process.stdout.write(`ok      ${name} (${seconds} s)\n`);
  else {
    failed.push(name);
    process.stdout.write(`${output.trimEnd()}\nFAILED  ${name} (${seconds} s)\n`);
  }
}
if (failed.length > 0) {
  process.stdout.write(`\n${failed.length} of ${steps.length} failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
} else process.stdout.write(`\nall ${steps.length} passed\n`);

/** What a failed step printed; undefined where it passed. */
function node(script, args) {
  const path = join(root, script);
  if (!existsSync(path)) return `${script} is missing`;
  const done = spawnSync(process.execPath, [path, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status === 0) return undefined;
  return `${done.stdout}${done.stderr}` || `ended with ${done.status ?? done.signal}`;
}

function tool(path, args) {
  return node(join('node_modules', path), args);
}

/** The committed manifest is what the build writes from the commands: a build must leave it as it is. */
function manifestIsClean() {
  const path = join(root, 'oclif.manifest.json');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const failure = node('scripts/build.mjs', []);
  if (failure !== undefined) return failure;
  if (readFileSync(path, 'utf8') === before) return undefined;
  return 'oclif.manifest.json was not up to date: the build has written it anew, commit it';
}
