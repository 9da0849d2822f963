import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileEvents } from '../../../../src/lib/adapters/file/file-events.ts';
import { openFileSource } from '../../../../src/lib/adapters/file/file-source.ts';
import { openFileStore } from '../../../../src/lib/adapters/file/file-store.ts';
import { ndjsonOf } from '../../../../src/lib/app/ndjson-batch.ts';
import { batchesOf } from '../../../../src/lib/app/ship-source.ts';
import { toWireJson } from '../../../../src/lib/record/wire-json.ts';

const signal = new AbortController().signal;
const options = { receivedAt: BigInt(Date.now()) * 1_000_000n, blockSize: 64 << 10 };

describe('the events of a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-file-events-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Records without what depends on when and where they were read. */
  const bare = (json: string) =>
    json.replace(/"(?:log_id|received_at)":"[^"]*",?|"@timestamp":"(?!2026-01-05T10:00:00Z)[^"]*",/g, '');

  async function searched(path: string): Promise<string[]> {
    const source = await openFileSource(path);
    const out: string[] = [];
    for await (const { records } of fileEvents(source, signal, options))
      for (const each of records) out.push(bare(toWireJson(each)));
    await source.close();
    return out;
  }

  async function shipped(path: string): Promise<string[]> {
    const source = await openFileSource(path);
    const options = {
      read: { encoding: undefined, multiline: 'auto' as const, context: {} },
      marks: undefined,
      again: true,
      tally: { blank: 0, truncated: 0, nulBytes: 0 },
      signal,
    };
    const out: string[] = [];
    for await (const batch of batchesOf(source, options))
      out.push(...ndjsonOf(batch).split('\n').slice(0, -1).map(bare));
    await source.close();
    return out;
  }

  const time = '2026-01-05T10:00:00Z';
  it.each<[string, string | Buffer, number]>([
    ['only a byte order mark', '\ufeff', 0],
    ['a byte order mark before text', `\ufeff${time} INFO a\n${time} INFO b\n`, 2],
    ['UTF-16', Buffer.from(`\ufeff${time} INFO a\n`, 'utf16le'), 1],
    ['a hole', Buffer.concat([Buffer.from(`${time} one\n`), Buffer.alloc(9000), Buffer.from(`${time} two\n`)]), 2],
    ['logfmt that a line alone does not show', `ts=${time} a=1\nts=${time} a=2\nts=${time} b=3\nodd="\n`, 4],
    ['a line that is too long', `{"a":"${'x'.repeat(1024 * 1024)}"}\n{"a":1}\n`, 2],
    ['gzip with a stack trace', gzipSync(`${time} ERROR x\njava.lang.Error: y\n\tat z.A(B.java:1)\n${time} INFO k`), 2],
    ['empty lines', '\n\n\na\n\n', 1],
  ])('are those that ship would send: %s', async (name, content, count) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.log`);
    await writeFile(path, content);
    const found = await searched(path);
    expect(found).toEqual(await shipped(path));
    expect(found).toHaveLength(count);
  });

  it('has none of empty lines behind a stack trace, where a pipe pauses between them', async () => {
    async function* read() {
      yield Buffer.from(`${time} ERROR x\njava.lang.Error: y\n\tat z.A(B.java:1)\n`);
      await sleep(450);
      yield Buffer.from(`\n\n\n${time} INFO k\n`);
    }
    const pipe = { name: '-', identity: undefined, size: undefined, read, close: async () => undefined };
    const found: string[] = [];
    for await (const { records } of fileEvents(pipe, signal, options))
      found.push(...records.map(({ raw }) => Buffer.from(raw).toString()));
    expect(found).toEqual([`${time} ERROR x\njava.lang.Error: y\n\tat z.A(B.java:1)`, `${time} INFO k`]);
  });

  it.each([
    ['xz', Buffer.from('fd377a585a000004', 'hex'), /^cannot read .*: it is compressed with xz$/],
    ['zstd', Buffer.from('28b52ffd24', 'hex'), /zstd$/],
    ['bzip2', Buffer.from('BZh91AY&SY...'), /bzip2$/],
    ['zip', Buffer.from('PK\x03\x04 '), /a zip archive$/],
    ['journal', Buffer.from('LPKSHHRH....'), /a journal of systemd$/],
  ])('are not made of %s', async (name, content, message) => {
    const path = join(folder, name);
    await writeFile(path, content);
    await expect(searched(path)).rejects.toMatchObject({ code: 'NOT_READABLE', message });
    await expect(shipped(path)).rejects.toMatchObject({ code: 'NOT_READABLE', hint: expect.stringContaining(path) });
  });

  it('of several files go on where one cannot be read', async () => {
    const good = join(folder, 'good');
    await writeFile(good, `${time} ERROR x\n`);
    const inputs = [join(folder, 'gone'), good].map((name) => ({ name, open: () => openFileSource(name) }));
    const report = { damage: [], scanned: 0 };
    const plan = {
      filter: { kind: 'all' as const },
      clock: { now: 0n, zone: 'UTC' },
      range: {},
      order: 'oldest' as const,
    };
    const found: unknown[] = [];
    for await (const records of openFileStore(inputs).search(plan, report, signal)) found.push(...records);
    expect(found).toHaveLength(1);
    expect(report.damage).toEqual([{ where: inputs[0]?.name, what: `no such file: ${inputs[0]?.name}` }]);
    const alone = openFileStore(inputs.slice(0, 1)).search(plan, { damage: [], scanned: 0 }, signal);
    await expect(alone[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
