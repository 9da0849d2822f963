import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDiskQueue } from '../../../../src/lib/adapters/queue/disk-queue.ts';
import { queueName } from '../../../../src/lib/adapters/queue/layout.ts';
import { openTargetQueue } from '../../../../src/lib/adapters/queue/target-queue.ts';
import { inspectQueue, queueNames } from '../../../../src/lib/adapters/queue/upkeep/inspect.ts';
import { repairQueue } from '../../../../src/lib/adapters/queue/upkeep/repair-queue.ts';
import { nodeFs } from '../../../../src/lib/buffer/fs.ts';
import type { LogsError } from '../../../../src/lib/errors.ts';
import { batchOf, linesOf, takeSome } from '../../../contracts/batch-queue.ts';
import { errno, faultFs } from '../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';

const target = { shown: 'kafka://one:9092/t', url: 'kafka://one:9092/t' };
const name = queueName(target.shown);

function fails(problem: LogsError): void {
  expect.fail(problem.message);
}

/** A queue that was left with twenty events in one file, each in a frame; gives that file. */
async function fill(root: string): Promise<string> {
  const { queue } = await openTargetQueue(root, target, fails);
  for (let n = 0; n < 20; n += 1) await queue.append(batchOf([`event ${n}`]));
  await queue.close();
  const [writer = ''] = readdirSync(join(root, name, 'log'));
  const folder = join(root, name, 'log', writer);
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.log')) ?? '');
}

async function left(root: string, told: string[]): Promise<string[]> {
  const { queue } = await openTargetQueue(root, target, ({ message }) => told.push(message));
  await queue.end();
  const lines: string[] = [];
  for await (const batch of queue.take(new AbortController().signal)) {
    lines.push(...linesOf(batch));
    batch.done();
  }
  await queue.close();
  return lines;
}

describe('damage in a queue', () => {
  it('is told, kept apart, and everything else is given, wherever a byte flips', async () => {
    for (let at = 0; at < 20; at += 1) {
      const root = temporaryFolder();
      const path = await fill(root);
      const bytes = readFileSync(path);
      const place = Math.floor(((at + 0.5) * bytes.length) / 20);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      const told: string[] = [];
      const lines = await left(root, told);
      // The last frame says that those before it were on the disk: damage in it is a torn tail.
      const expected = Array.from({ length: 20 }, (_, n) => `event ${n}`);
      const missing = expected.filter((line) => !lines.includes(line));
      expect(lines).toEqual(expected.filter((line) => !missing.includes(line)));
      expect(missing.length).toBeLessThanOrEqual(1);
      expect(told.length).toBe(missing.length);
      expect(readdirSync(join(root, name, 'quarantine')).length).toBe(1);
    }
  });

  it('is found by verify, and mended by repair so that the rest flows', async () => {
    const root = temporaryFolder();
    const path = await fill(root);
    expect(await queueNames(root)).toEqual([name]);
    expect(await inspectQueue(root, name)).toMatchObject({ events: 20, files: 1, damage: [], processes: [] });
    const bytes = readFileSync(path);
    bytes.write('XX', bytes.indexOf('event 7'));
    writeFileSync(path, bytes);
    expect((await inspectQueue(root, name)).damage).toMatchObject([{ where: path }]);
    const told: string[] = [];
    const mended = await repairQueue(root, name, ({ message }) => told.push(message));
    expect(told).toEqual([expect.stringContaining('is damaged at byte')]);
    expect(mended).toMatchObject({
      events: 19,
      damage: [],
      quarantine: [{ path: expect.stringContaining('.damaged') }],
    });
    expect((await left(root, [])).length).toBe(19);
    await expect(inspectQueue(root, 'nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a checkpoint costs only that what was done is given again', async () => {
    const root = temporaryFolder();
    const path = await fill(root);
    const { queue } = await openTargetQueue(root, target, fails);
    for (const batch of await takeSome(queue, 5)) batch.done();
    await queue.close();
    const done = join(path, '..', 'done.json');
    writeFileSync(done, readFileSync(done, 'utf8').replace('"seq":', '"seq": '));
    expect((await inspectQueue(root, name)).damage).toMatchObject([{ where: done }]);
    const told: string[] = [];
    expect((await repairQueue(root, name, ({ message }) => told.push(message))).damage).toEqual([]);
    expect(told).toEqual([expect.stringContaining('what was done is sent again')]);
    expect((await left(root, [])).length).toBe(20);
  });
});

describe('what a queue refuses', () => {
  it('is taken in later where space was missing, in order and without a gap', async () => {
    const dir = temporaryFolder();
    let full = false;
    const fs = faultFs(nodeFs, ({ name: call }) => {
      if (full && call === 'writev') throw errno('ENOSPC');
    });
    const queue = await openDiskQueue({ dir, fs, tell: fails });
    const part = (n: number) => batchOf([`${n}`], { source: { id: 's', from: n * 2, to: n * 2 + 2 } });
    await queue.append(part(0));
    full = true;
    const refused = await Promise.allSettled([queue.append(part(1)), queue.append(part(2))]);
    expect(refused.map((one) => (one.status === 'rejected' ? one.reason.code : 'kept'))).toEqual([
      'NO_SPACE',
      'NO_SPACE',
    ]);
    full = false;
    await expect(queue.append(part(2))).rejects.toMatchObject({ code: 'NO_SPACE' });
    await queue.append(part(1));
    await queue.append(part(2));
    expect((await takeSome(queue, 3)).flatMap(linesOf)).toEqual(['0', '1', '2']);
    expect((await queue.marks()).get('s')?.position).toBe(6);
    await queue.close();
  });

  it('gives its space back as soon as what was taken in before is done', async () => {
    const dir = temporaryFolder();
    let full = false;
    const fs = faultFs(nodeFs, ({ name: call }) => {
      if (full && call === 'writev') throw errno('ENOSPC');
    });
    const queue = await openDiskQueue({ dir, fs, tell: fails, limits: { saveMs: 1 } });
    await queue.append(batchOf(['a'], { source: { id: 's', from: 0, to: 2 } }));
    full = true;
    await expect(queue.append(batchOf(['b']))).rejects.toMatchObject({ code: 'NO_SPACE' });
    full = false;
    for (const batch of await takeSome(queue, 1)) batch.done();
    const [writer = ''] = readdirSync(join(dir, 'log'));
    const logs = (): string[] => readdirSync(join(dir, 'log', writer)).filter((file) => file.endsWith('.log'));
    await expect.poll(logs).toEqual([]);
    await queue.append(batchOf(['b']));
    expect((await takeSome(queue, 1)).flatMap(linesOf)).toEqual(['b']);
    expect((await queue.marks()).get('s')?.position).toBe(2);
    await queue.close();
  });

  it('is everything after a sync that failed; what was taken in before is given', async () => {
    const dir = temporaryFolder();
    let broken = false;
    const fs = faultFs(nodeFs, ({ name: call, path }) => {
      if (broken && call === 'datasync' && path.endsWith('.log')) throw errno('EIO');
    });
    const queue = await openDiskQueue({ dir, fs, tell: fails });
    await queue.append(batchOf(['a']));
    broken = true;
    for (let n = 0; n < 2; n += 1)
      await expect(queue.append(batchOf(['b']))).rejects.toMatchObject({ code: 'SYNC_FAILED' });
    await queue.end();
    const [only] = await takeSome(queue, 1);
    expect(linesOf(only as NonNullable<typeof only>)).toEqual(['a']);
    only?.done();
    expect(await takeSome(queue, 1)).toEqual([]);
    await queue.close();
  });
});

describe('what is done', () => {
  it('is not given again by a process that comes after a kill, once it had the time of a checkpoint', () => {
    const dir = temporaryFolder();
    const dist = pathToFileURL(join(import.meta.dirname, '../../../../dist/lib/adapters/queue/disk-queue.js')).href;
    const script = `
      const { openDiskQueue } = await import(${JSON.stringify(dist)});
      const queue = await openDiskQueue({ dir: ${JSON.stringify(dir)}, tell: (problem) => console.log(problem.message) });
      const signal = new AbortController().signal;
      if (process.argv[1] === 'first') {
        for (let n = 0; n < 10; n += 1) await queue.append({ bytes: Buffer.from(n + '\\n'), lines: 1, events: 1, context: {} });
        let n = 0;
        for await (const batch of queue.take(signal)) { batch.done(); n += 1; if (n === 6) break; }
        await new Promise((resolve) => setTimeout(resolve, 400));
        process.kill(process.pid, 'SIGKILL');
      } else {
        await queue.end();
        for await (const batch of queue.take(signal)) { process.stdout.write(batch.bytes); batch.done(); }
        await queue.close();
      }`;
    const run = (which: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script, which], { encoding: 'utf8' });
    expect(run('first').signal).toBe('SIGKILL');
    expect(run('second').stdout).toBe('6\n7\n8\n9\n');
  });

  it('frees the disk while the queue goes on, in bounded memory: what does not fit is read back', async () => {
    const dir = temporaryFolder();
    const limits = { rotateBytes: 4096, memoryBytes: 8192, saveMs: 1 };
    const queue = await openDiskQueue({ dir, tell: fails, limits });
    const count = 300;
    const sent = Array.from({ length: count }, (_, n) => `${n} ${'x'.repeat(n * 7)}`);
    await Promise.all(sent.map((line) => queue.append(batchOf([line]))));
    const logs = (): number => {
      const [writer = ''] = readdirSync(join(dir, 'log'));
      return readdirSync(join(dir, 'log', writer)).filter((file) => file.endsWith('.log')).length;
    };
    const most = logs();
    expect(most).toBeGreaterThan(50);
    const got: string[] = [];
    for await (const batch of queue.take(new AbortController().signal)) {
      got.push(...linesOf(batch));
      batch.done();
      if (got.length === count / 2) await new Promise((resolve) => setTimeout(resolve, 50));
      if (got.length === count / 2) expect(logs()).toBeLessThan(most);
      // More comes while it is being read back.
      if (got.length % 10 === 0 && got.length <= count) await queue.append(batchOf([`more ${got.length}`]));
      if (got.length === count + 30) break;
    }
    expect(got.slice(0, count)).toEqual(sent);
    expect(got.slice(count)).toEqual(Array.from({ length: 30 }, (_, n) => `more ${(n + 1) * 10}`));
    await queue.close();
    expect(readdirSync(join(dir, 'log'))).toEqual([]);
  });
});
