import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bornOf, openFileSource } from '../../../../src/lib/adapters/file/file-source.ts';
import { sourceContract } from '../../../contracts/source.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';

sourceContract(
  'a file',
  async (content) => {
    const folder = mkdtempSync(join(tmpdir(), 'logs-source-'));
    const path = join(folder, 'a.log');
    writeFileSync(path, content);
    return { source: await openFileSource(path), dispose: () => rm(folder, { recursive: true }) };
  },
  { again: true },
);

sourceContract(
  'a FIFO',
  async (content, { stays }) => {
    const folder = mkdtempSync(join(tmpdir(), 'logs-source-'));
    const path = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const source = await openFileSource(path);
    // Its own process: opening a FIFO to write waits for its reader.
    const script = stays ? 'exec 3> "$0"; cat >&3; exec sleep 60' : 'exec cat > "$0"';
    const writer = spawn('sh', ['-c', script, path], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(writer, 'exit');
    writer.stdin.on('error', () => undefined);
    writer.stdin.end(content);
    return {
      source,
      async dispose() {
        writer.kill('SIGKILL');
        await ended;
        rmSync(folder, { recursive: true });
      },
    };
  },
  { again: false },
);

it('stays with the file it opened when that is renamed, removed or grows', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.log');
  writeFileSync(path, 'one\n');
  const writer = await openFile(path, 'a');
  const source = await openFileSource(path);
  await rename(path, join(folder, 'a.log.1'));
  writeFileSync(path, 'another\n');
  await writer.write('two\n');
  await rm(join(folder, 'a.log.1'));
  let text = '';
  for await (const chunk of source.read(new AbortController().signal)) text += Buffer.from(chunk).toString();
  expect(text).toBe('one\ntwo\n');
  await source.close();
  await writer.close();
});

it('knows a file by what it is, not by its name', async () => {
  const folder = temporaryFolder();
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'same\n');
  const [a, b] = [await openFileSource(join(folder, 'a')), await openFileSource(join(folder, 'b'))];
  await rename(join(folder, 'a'), join(folder, 'c'));
  const c = await openFileSource(join(folder, 'c'));
  expect(c.identity).toEqual(a.identity);
  expect(b.identity).not.toEqual(a.identity);
  for (const source of [a, b, c]) await source.close();
});

it.each([
  ['missing', 'NOT_FOUND'],
  ['', 'NOT_READABLE'],
])('names what cannot be opened: %j', async (name, code) => {
  const path = join(temporaryFolder(), name);
  await expect(openFileSource(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
});

it('does not take the time of the last change for that of birth', () => {
  const times = (birthtimeNs: bigint, ctimeNs: bigint, atimeNs: bigint, mtimeNs: bigint) => ({
    birthtimeNs,
    ctimeNs,
    atimeNs,
    mtimeNs,
  });
  expect(bornOf(times(5n, 9n, 7n, 9n))).toBe(5n);
  expect(bornOf(times(5n, 5n, 5n, 5n))).toBe(5n);
  expect(bornOf(times(0n, 9n, 7n, 9n))).toBe(0n);
  expect(bornOf(times(9n, 9n, 7n, 9n))).toBe(0n);
  expect(bornOf(times(9n, 9n, 9n, 7n))).toBe(0n);
});
