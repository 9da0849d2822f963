import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'logs-soon-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps the code of a command that goes on, though it never ends well', async () => {
  for (const name of ['bin', 'package.json', 'oclif.manifest.json', join('dist', 'bundle')]) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith('.code') });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { NODE_DISABLE_COMPILE_CACHE: _off, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const args = [join(folder, 'bin', 'run.js'), 'ship', '--store', join(folder, 'store')];
  const ship = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
  ship.stdin.write('{"message":"there is more to come"}\n');
  const kept = join(folder, 'dist', 'bundle', '.code');
  const names = (): string[] => (existsSync(kept) ? readdirSync(kept) : []);
  await expect.poll(names, { timeout: 20_000 }).toContainEqual(expect.stringMatching(/^main\.js-ship-.*[^p]$/));
  ship.kill('SIGKILL');
});
