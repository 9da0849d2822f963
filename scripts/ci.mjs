// What `.ci/run` runs: install, tests, checks; then the verdict over vitest's JSON report. Green means that something
// passed, nothing failed, and every test that was skipped is listed in test/skips.json with its reason.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'logs-ci-'));
const reportFile = join(folder, 'vitest.json');

const problems = [];
step('install and build', ['scripts/ready.mjs']);
if (problems.length === 0) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  step('tests', ['node_modules/vitest/vitest.mjs', 'run', ...report]);
  step('checks', ['scripts/check.mjs']);
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

function step(name, args) {
  const started = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const done = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 1, 1],
    env: { ...process.env, CI: 'true' },
  });
  process.stdout.write(`== ${name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  if (done.status !== 0) problems.push(`${name} ended with ${done.status ?? done.signal}`);
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

/** Skips that test/skips.json does not explain. An entry is {file, name?, reason}; without a name it is the whole file. */
function unlistedSkips(skips) {
  const listed = JSON.parse(readFileSync(join(root, 'test', 'skips.json'), 'utf8'));
  const unexplained = listed
    .filter(({ file, reason }) => !file || !reason)
    .map(({ file }) => `no reason in test/skips.json: ${file}`);
  const unlisted = skips.filter(
    (skip) => !listed.some(({ file, name }) => file === skip.file && (name === undefined || name === skip.name)),
  );
  return [...unexplained, ...unlisted.map(({ file, name }) => `skipped, and not in test/skips.json: ${file}: ${name}`)];
}
