import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'logs-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = join(folder, 'logs');
writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'run.js')}" "$@"\n`);
chmodSync(command, 0o755);

/** Runs one line as a shell would, both streams as one. What ends at a terminal is pretty there, so it is here. */
function outputOf(line: string): string {
  const last = line.split('|').at(-1) ?? '';
  const drawn = /^\s*logs (search|tail|agg)\b/.test(last) && !/ (-o|-c)\b/.test(last) ? `${line} -o pretty` : line;
  const done = spawnSync('sh', ['-c', `{ ${drawn}\n} 2>&1`], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
      LOGS_STORE: join(folder, 'store'),
      HOME: folder,
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
    },
  });
  return done.stdout;
}

/** What is another at each run: rates and times taken, the ids events were given, when they came. */
function masked(output: string): string {
  return output
    .replace(/\d[\d.,]* (events|[kKMG]i?B)\/s/g, 'RATE')
    .replace(/\b\d+(\.\d+)? ?(ms|s|seconds)\b/g, 'TIME')
    .replace(/"(log_id|received_at)":"[^"]*"/g, '"$1":"…"');
}

/** The block with what its commands write now; as it stands where only what is masked differs. */
function blockAsRun(block: string): string {
  return block
    .split(/^(?=\$ )/m)
    .map((part) => {
      const [typed = '', ...rest] = part.split('\n');
      const written = outputOf(typed.slice(2));
      const stands = rest.join('\n');
      return masked(written) === masked(stands) ? part : `${typed}\n${written}`;
    })
    .join('');
}

test('what the README shows is what the commands write (npx vitest run test/docs/readme.test.ts -u writes it)', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const asRun = readme.replace(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm, blockAsRun);
  expect(asRun.match(/^\$ logs /gm)?.length).toBeGreaterThan(5);
  await expect(asRun).toMatchFileSnapshot(join(root, 'README.md'));
});
