// What `.ci/run` runs: install, tests, checks; then the verdict over vitest's JSON report. Green means that something
// passed, nothing failed, and every test that was skipped is listed in test/skips.json with its reason.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere } from './servers/needs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'logs-ci-'));
const reportFile = join(folder, 'vitest.json');

const problems = [];
await Promise.all([
  step('install and build', ['scripts/ready.mjs']),
  // Where this fails, tests are skipped, and it is told below whether they may be.
  step('install servers', ['scripts/servers.mjs', 'install'], { mayFail: true }),
]);
if (problems.length === 0) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  await step('tests', ['node_modules/vitest/vitest.mjs', 'run', ...report]);
  await step('checks', ['scripts/check.mjs']);
}
const tests = readTests();
rmSync(folder, { recursive: true, force: true });

const count = (status) => tests.filter((test) => test.status === status).length;
const passed = count('passed');
const failed = count('failed');
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
if (passed === 0) problems.push('no test passed');
problems.push(...unlistedSkips(skipped));

for (const problem of problems) process.stdout.write(`problem: ${problem}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
process.exitCode = problems.length === 0 && failed === 0 ? 0 : 1;

function step(name, args, { mayFail = false } = {}) {
  const started = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 1, 1],
    env: { ...process.env, CI: 'true' },
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      const failure = code === 0 ? '' : ` ended with ${code ?? signal}`;
      process.stdout.write(`== ${name}:${failure} ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
      if (failure !== '' && !mayFail) problems.push(`${name}${failure}`);
      resolve();
    });
  });
}

/** Every test of the report as {file, name, status}; none where vitest did not get as far as writing one. */
function readTests() {
  try {
    const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8'));
    return testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({ file: relative(root, file), name: fullName, status })),
    );
  } catch {
    return [];
  }
}

/**
 * Skips that test/skips.json does not explain. An entry is {file, name?, needs?, reason}: without a name it is the whole
 * file, of a folder (`test/services/`) all files; with needs it holds only on a machine that lacks one of them.
 */
function unlistedSkips(skips) {
  const listed = JSON.parse(readFileSync(join(root, 'test', 'skips.json'), 'utf8'));
  const unexplained = listed
    .filter(({ file, reason }) => !file || !reason)
    .map(({ file }) => `no reason in test/skips.json: ${file}`);
  const valid = listed.filter(({ needs }) => needs === undefined || !needs.every(isThere));
  const unlisted = skips.filter(
    (skip) =>
      !valid.some(
        ({ file, name }) =>
          (file === skip.file || (file.endsWith('/') && skip.file.startsWith(file))) &&
          (name === undefined || name === skip.name),
      ),
  );
  return [
    ...unexplained,
    ...unlisted.map(({ file, name }) => `skipped without leave of test/skips.json: ${file}: ${name}`),
  ];
}
