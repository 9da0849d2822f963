import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Fs } from '../../../../../src/lib/buffer/fs.ts';
import type { Predicate } from '../../../../../src/lib/query/predicate.ts';
import type { Damage, LogWriter } from '../../../../../src/lib/store/store.ts';
import { errno } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';
import { CommitLog, Duck, EmbeddedWriter, followStore, nodeFs, sealLog } from '../built.ts';

/** A store, what arrives in it, and what of that could not be read. */
class Followed {
  readonly dir = join(temporaryFolder(), 'store');
  readonly tenantDir = join(this.dir, 'default');
  readonly found: string[] = [];
  readonly damage: Damage[] = [];
  readonly #controller = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  /** With `frames`, a log file is sealed when it has so many, the last one too. */
  writer(frames = 50_000, fs: Fs = nodeFs) {
    const commitLog = new CommitLog(nodeFs, this.tenantDir);
    return EmbeddedWriter.open({
      dir: this.dir,
      fs,
      tell: (problem) => expect.fail(problem.message),
      seal: (log) => sealLog({ fs: nodeFs, tenantDir: this.tenantDir, commitLog, log }),
      limits: { rotateFrames: frames, ...(frames < 50_000 ? { sealAtCloseBytes: 0 } : {}) },
    });
  }

  /** Follows from now on, but looks only once what is given is called. */
  follow(fs: Fs = nodeFs, matches: Predicate = () => true): () => void {
    let duck: ReturnType<typeof Duck.open> | undefined;
    onTestFinished(async () => {
      this.#controller.abort();
      await this.#reading;
      await (await duck)?.close();
    });
    const { tenantDir } = this;
    const arriving = followStore(
      {
        fs,
        tenantDir,
        commits: new CommitLog(fs, tenantDir),
        duck: () => (duck ??= Duck.open({ threads: 1, memory: 256, folder: tenantDir })),
        tell: () => undefined,
        matches,
        damaged: (damage) => void this.damage.push(damage),
      },
      this.#controller.signal,
    );
    return () => {
      this.#reading = (async () => {
        for await (const batch of arriving) this.found.push(...batch.map(({ message }) => message ?? ''));
      })();
    };
  }

  segments(): string[] {
    const days = readdirSync(this.tenantDir).filter((name) => /^\d{4}\./.test(name));
    return days.flatMap((day) => readdirSync(join(this.tenantDir, day)).map((name) => join(this.tenantDir, day, name)));
  }
}

const append = (writer: LogWriter, text: string): Promise<void> =>
  writer.append({ bytes: Buffer.from(`${text}\n`), lines: 1, context: {} });

/** Changes bytes of a file without changing its size. */
function harm(path: string, at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(path);
  bytes[at(bytes)] = (bytes[at(bytes)] ?? 0) ^ 4;
  writeFileSync(path, bytes);
}

/** Sees no log file: whatever arrives was sealed before it looked. */
const onlySegments: Fs = {
  ...nodeFs,
  list: async (path) => (path.endsWith('/log') ? [] : nodeFs.list(path)),
};

it('gives what of a log was not seen before it was sealed, and that only', async () => {
  const store = new Followed();
  await (await store.writer()).close();
  let hidden = false;
  const read = store.follow({
    ...nodeFs,
    list: async (path) => (hidden && path.endsWith('/log') ? [] : nodeFs.list(path)),
  });
  await sleep(50);
  const writer = await store.writer(9);
  await append(writer, 'one');
  await append(writer, 'two');
  read();
  await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'two']);
  hidden = true;
  await append(writer, 'three');
  await append(writer, 'four');
  await writer.close();
  expect(store.segments()).not.toEqual([]);
  await expect.poll(() => store.found.length, { timeout: 5_000 }).toBeGreaterThan(3);
  hidden = false;
  await sleep(500);
  expect(store.found).toEqual(['one', 'two', 'three', 'four']);
  expect(store.damage).toEqual([]);
});

it('gives only what matches, of logs and of segments', async () => {
  for (const fs of [nodeFs, onlySegments]) {
    const store = new Followed();
    await (await store.writer()).close();
    const read = store.follow(fs, ({ message }) => message !== 'two');
    await sleep(50);
    const writer = await store.writer(2);
    for (const text of ['one', 'two', 'three']) await append(writer, text);
    await writer.close();
    read();
    await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'three']);
  }
});

it('gives what was acknowledged after a full disk had taken back what was seen', async () => {
  const store = new Followed();
  await (await store.writer()).close();
  store.follow()();
  let full = false;
  let writes = 0;
  const fs: Fs = {
    ...nodeFs,
    async open(path, how) {
      const file = await nodeFs.open(path, how);
      const writev = async (buffers: readonly Uint8Array[], at: number): Promise<number> => {
        if (!full || buffers.length < 2) return file.writev(buffers, at);
        writes += 1;
        if (writes === 1) return file.writev(buffers.slice(0, 2), at);
        await expect.poll(() => store.found, { timeout: 5_000 }).toContain('seen');
        throw errno('ENOSPC');
      };
      return path.endsWith('.log') ? { ...file, writev } : file;
    },
  };
  const writer = await store.writer(50_000, fs);
  await append(writer, 'one');
  full = true;
  const refused = await Promise.allSettled([append(writer, 'seen'), append(writer, 'unseen')]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  full = false;
  for (const text of ['two', 'three', 'four']) await append(writer, text);
  await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'seen', 'two', 'three', 'four']);
  await writer.close();
  // And the next writer does not go on in the file that ended.
  const next = await store.writer();
  await append(next, 'five');
  await next.close();
  await expect.poll(() => store.found.at(-1), { timeout: 5_000 }).toBe('five');
});

describe('following what is damaged', () => {
  it('tells a segment once and goes on with what follows', async () => {
    const store = new Followed();
    await (await store.writer()).close();
    const read = store.follow(onlySegments);
    await sleep(50);
    const writer = await store.writer(1);
    for (const text of ['one', 'two', 'three']) await append(writer, text);
    await writer.close();
    const [, second = ''] = store
      .segments()
      .filter((path) => path.endsWith('.parquet'))
      .sort();
    harm(second, () => 20);
    read();
    await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'three']);
    const next = await store.writer(1);
    await append(next, 'four');
    await append(next, 'five');
    await next.close();
    await expect.poll(() => store.found.length, { timeout: 5_000 }).toBeGreaterThan(3);
    await sleep(300);
    expect(store.found).toEqual(['one', 'three', 'four', 'five']);
    expect(store.damage).toHaveLength(1);
    expect(second).toContain(store.damage[0]?.where);
  });

  it('tells a row group once and gives the rows of the others', async () => {
    const store = new Followed();
    await (await store.writer()).close();
    const read = store.follow(onlySegments);
    await sleep(50);
    const writer = await store.writer(1);
    // Two groups of 2,048 rows.
    const texts = Array.from({ length: 2 * 2048 }, (_, n) => `event ${n} ${'x'.repeat(2_900)}`);
    await writer.append({ bytes: Buffer.from(`${texts.join('\n')}\n`), lines: texts.length, context: {} });
    await writer.close();
    const [path = ''] = store.segments().filter((each) => each.endsWith('.parquet'));
    harm(path, () => 1000);
    read();
    await expect.poll(() => store.found.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(store.found).toEqual(texts.slice(2048));
    expect(store.damage.map(({ what }) => what)).toEqual([expect.stringContaining('row group 1 of 2')]);
  });

  it('tells a log file that the disk cannot read once, and gives those of others', async () => {
    const store = new Followed();
    await (await store.writer()).close();
    const [bad, good] = [await store.writer(), await store.writer()];
    const read = store.follow({
      ...nodeFs,
      readFile: async (path) => {
        if (path.includes(bad.writer) && path.endsWith('.log')) throw errno('EIO');
        return nodeFs.readFile(path);
      },
    });
    await sleep(50);
    read();
    for (const text of ['one', 'two']) {
      await append(bad, `lost ${text}`);
      await append(good, text);
      await sleep(150);
    }
    await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'two']);
    expect(store.damage).toHaveLength(1);
    expect(store.damage[0]?.where).toContain(bad.writer);
    await bad.close();
    await good.close();
  });

  it('tells a frame of a log file once and gives the others', async () => {
    const store = new Followed();
    await (await store.writer()).close();
    const read = store.follow();
    await sleep(50);
    const writer = await store.writer();
    for (const text of ['one', 'two', 'three']) await append(writer, text);
    const [log = ''] = readdirSync(join(store.tenantDir, 'log', writer.writer)).filter((name) => name.endsWith('.log'));
    harm(join(store.tenantDir, 'log', writer.writer, log), (bytes) => bytes.indexOf('two'));
    read();
    await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'three']);
    await append(writer, 'four');
    await expect.poll(() => store.found, { timeout: 5_000 }).toEqual(['one', 'three', 'four']);
    expect(store.damage).toHaveLength(1);
    expect(store.damage[0]?.where).toContain(log);
  });
});
