import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSink } from '../../../src/lib/adapters/file/file-sink.ts';
import { nullSink } from '../../../src/lib/adapters/null/null-sink.ts';
import { stdoutSink } from '../../../src/lib/adapters/stdio/stdout-sink.ts';
import { ndjsonOf } from '../../../src/lib/app/ndjson-batch.ts';
import { batchOf, sinkContract } from '../../contracts/sink.ts';

const signal = new AbortController().signal;
const fail = (text: string): void => expect.fail(text);

const messagesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line).message));

sinkContract('null', async () => ({ sink: nullSink(), messages: undefined, dispose: async () => undefined }));

sinkContract('standard output', async () => {
  let text = '';
  const write = async (data: string) => {
    // A reader that is slow at first must not change the order.
    await new Promise((resolve) => setTimeout(resolve, text === '' ? 5 : 0));
    text += data;
  };
  return { sink: stdoutSink(ndjsonOf, write), messages: async () => messagesOf(text), dispose: async () => undefined };
});

sinkContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'logs-sink-'));
  const path = join(folder, 'out.ndjson');
  return {
    sink: await openFileSink(path, ndjsonOf, fail),
    messages: async () => messagesOf(await readFile(path, 'utf8')),
    dispose: () => rm(folder, { recursive: true }),
  };
});

it('names the path of a file that cannot be written', async () => {
  await expect(openFileSink('/no/such/folder/x', ndjsonOf, fail)).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    message: /no\/such\/folder/,
  });
});

it('ends the torn last line of a file before it appends, once, and says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'logs-sink-'));
  const path = join(folder, 'out.ndjson');
  await writeFile(path, '{"message":"whole"}\n{"message":"to');
  const told: string[] = [];
  for (const message of ['a', 'b']) {
    const sink = await openFileSink(path, ndjsonOf, (text) => told.push(text));
    await sink.send(batchOf([message]), signal);
    await sink.send(batchOf([message]), signal);
    await sink.close();
  }
  const [whole, torn, ...added] = (await readFile(path, 'utf8')).split('\n');
  expect([whole, torn]).toEqual(['{"message":"whole"}', '{"message":"to']);
  expect(messagesOf(added.join('\n'))).toEqual(['a', 'a', 'b', 'b']);
  expect(told).toEqual([expect.stringContaining(`${path} ended inside a line`)]);
  await rm(folder, { recursive: true });
});

/** A file system of 64 KiB; undefined where this user may not mount one. */
function tinyDisk(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'logs-tiny-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]).status === 0) return dir;
  rmSync(dir, { recursive: true });
  return undefined;
}

const disk = tinyDisk();
afterAll(() => {
  if (disk === undefined) return;
  spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

describe.skipIf(disk === undefined)('a file on a disk that fills up', () => {
  it('keeps only whole batches, takes none after one that failed, and is gone on with when there is room', async () => {
    const path = join(disk ?? '', 'out.ndjson');
    const filler = join(disk ?? '', 'filler');
    await appendFile(filler, Buffer.alloc(20_000));
    const full = await openFileSink(path, ndjsonOf, fail);
    const long = 'x'.repeat(25_000);
    const sent = ['first', `${long}1`, `${long}2`, 'small'].map((message) => full.send(batchOf([message]), signal));
    const ends = await Promise.allSettled(sent);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    for (const end of ends.slice(2)) expect(end).toMatchObject({ reason: { code: 'NO_SPACE' } });
    await full.close();
    await rm(filler);
    const next = await openFileSink(path, ndjsonOf, fail);
    await next.send(batchOf(['next']), signal);
    await next.close();
    expect(messagesOf(await readFile(path, 'utf8'))).toEqual(['first', `${long}1`, 'next']);
  });
});
