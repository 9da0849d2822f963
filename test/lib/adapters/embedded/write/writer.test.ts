import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommitLog } from '../../../../../src/lib/adapters/embedded/commits/commit-log.ts';
import type { LogToSeal, Seal } from '../../../../../src/lib/adapters/embedded/write/seal-queue.ts';
import { listLogs } from '../../../../../src/lib/buffer/log-folder.ts';
import { EmbeddedWriter, type WriterOptions } from '../../../../../src/lib/adapters/embedded/write/writer.ts';
import { eachEvent } from '../../../../../src/lib/record/events.ts';
import { type Fs, nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { scanFrames } from '../../../../../src/lib/buffer/log-file.ts';
import type { LogsError } from '../../../../../src/lib/errors.ts';
import type { EventBatch } from '../../../../../src/lib/store/store.ts';
import { errno, faultFs } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

let dir = '';
let tenant = '';
let sealed: LogToSeal[] = [];
let told: LogsError[] = [];
const kept = new Map<string, string[]>();

beforeEach(() => {
  dir = join(temporaryFolder(), 'store');
  tenant = join(dir, 'default');
  sealed = [];
  told = [];
  kept.clear();
});

/** A seal that commits what a log file holds as the real one does, and keeps the events in memory instead of in a segment. */
const seal: Seal = async (log) => {
  const commits = new CommitLog(nodeFs, tenant);
  const base = await commits.fold();
  const { frames } = scanFrames(readFileSync(log.path), /-([0-9a-f]+)\.log$/.exec(log.file)?.[1] ?? '');
  const positions = frames.flatMap(({ header }) =>
    header.src === undefined || header.pos === undefined
      ? []
      : [{ id: header.src, position: header.pos, ...(header.hash === undefined ? {} : { hash: header.hash }) }],
  );
  kept.set(log.file, eventsIn(log.path));
  const consumed = [{ writer: log.writer, file: log.file, from: 1, to: frames.at(-1)?.header.seq ?? 0 }];
  await commits.commit(base, { added: [], removed: [], consumed, positions });
  sealed.push(log);
  await nodeFs.unlink(log.path);
  return { unparsed: [] };
};

function open(options: Partial<WriterOptions> = {}): Promise<EmbeddedWriter> {
  return EmbeddedWriter.open({ dir, seal, tell: (problem) => void told.push(problem), ...options });
}

function batch(text: string, more: Partial<EventBatch> = {}): EventBatch {
  return { bytes: Buffer.from(`${text}\n`), lines: text.split('\n').length, context: {}, ...more };
}

function eventsIn(path: string): string[] {
  const bytes = readFileSync(path);
  const events: string[] = [];
  for (const { header, payload } of scanFrames(bytes, /-([0-9a-f]+)\.log$/.exec(path)?.[1] ?? '').frames) {
    const text = bytes.subarray(payload, payload + header.len);
    eachEvent(text, header.join, (start, end) => events.push(text.toString('utf8', start, end)));
  }
  return events;
}

async function everything(): Promise<string[]> {
  const live = (await listLogs(nodeFs, tenant)).flatMap(({ path }) => eventsIn(path));
  return [...[...kept.values()].flat(), ...live].sort();
}

/** What a process leaves that is killed: its sockets refuse, its log is as it was. */
async function die(writer: EmbeddedWriter): Promise<string> {
  const [log] = (await listLogs(nodeFs, tenant)).filter((one) => one.writer === writer.writer);
  if (log === undefined) throw new Error('no log file');
  const bytes = readFileSync(log.path);
  await writer.close();
  const folder = join(tenant, 'log', writer.writer);
  for (const name of readdirSync(folder)) if (name.startsWith('released.')) await nodeFs.unlink(join(folder, name));
  writeFileSync(log.path, bytes);
  return log.path;
}

describe('EmbeddedWriter', () => {
  it('makes one log file of many short runs', async () => {
    for (let run = 0; run < 20; run += 1) {
      const writer = await open();
      await writer.append(batch(`run ${run}`));
      await writer.close();
    }
    const logs = await listLogs(nodeFs, tenant);
    expect(logs.length).toBe(1);
    expect(eventsIn(logs[0]?.path ?? '')).toEqual(Array.from({ length: 20 }, (_, run) => `run ${run}`));
    expect(sealed).toEqual([]);
  });

  it('keeps the order of what is appended without waiting, over rotations', async () => {
    const writer = await open({ limits: { rotateFrames: 8, sealAtCloseBytes: 0 } });
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => writer.append(batch(`event ${String(at).padStart(3, '0')}`))),
    );
    await writer.close();
    expect(sealed.length).toBeGreaterThan(3);
    expect(
      [...kept.entries()]
        .sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
        .flatMap(([, events]) => events),
    ).toEqual(Array.from({ length: 60 }, (_, at) => `event ${String(at).padStart(3, '0')}`));
    expect(await listLogs(nodeFs, tenant)).toEqual([]);
    expect(new Set(sealed.map(({ file }) => file)).size).toBe(sealed.length);
  });

  it('ends a file after so many frames, and when it is old', async () => {
    let now = Date.now();
    const writer = await open({ now: () => now, limits: { rotateFrames: 4 } });
    for (let at = 0; at < 8; at += 1) await writer.append(batch(`${at}`));
    await expect.poll(() => sealed.length).toBeGreaterThan(0);
    now += 16 * 60_000;
    await writer.append(batch('late'));
    await writer.close();
    expect(eventsIn((await listLogs(nodeFs, tenant))[0]?.path ?? '')).toEqual(['late']);
    const next = await open({ now: () => now + 16 * 60_000 });
    await next.close();
    expect(await listLogs(nodeFs, tenant)).toEqual([]);
    expect(await everything()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', 'late']);
  });

  it('gives files of a writer receive times that never meet, even when the clock goes back', async () => {
    const times: [number, number][] = [];
    const watch: Seal = async (log) => {
      const { frames } = scanFrames(readFileSync(log.path), /-([0-9a-f]+)\.log$/.exec(log.file)?.[1] ?? '');
      times.push([frames[0]?.header.t ?? 0, frames.at(-1)?.header.t ?? 0]);
      return seal(log);
    };
    for (const now of [5_000_000, 4_950_000, 4_950_000]) {
      const writer = await open({ seal: watch, now: () => now, limits: { sealAtCloseBytes: 0 } });
      await writer.append(batch('x'));
      await writer.close();
    }
    expect(new Set(sealed.map(({ writer }) => writer)).size).toBe(1);
    for (let at = 1; at < times.length; at += 1) expect(times[at]?.[0]).toBeGreaterThan(times[at - 1]?.[1] ?? 0);
  });

  it('does not go on where the clock was ahead: that log is sealed, and later events have the time of now', async () => {
    const now = Date.now();
    const first = await open({ now: () => now + 5 * 365 * 86_400_000 });
    await first.append(batch('from the future'));
    await first.close();
    const next = await open({ now: () => now });
    await next.append(batch('now'));
    await next.close();
    expect(next.writer).not.toBe(first.writer);
    expect(sealed.map(({ writer }) => writer)).toEqual([first.writer]);
    const [log] = await listLogs(nodeFs, tenant);
    const { frames } = scanFrames(readFileSync(log?.path ?? ''), log?.life ?? '');
    expect(frames.map(({ header }) => header.t)).toEqual(frames.map(() => now));
    const third = await open({ now: () => now });
    await third.close();
    expect(third.writer).toBe(next.writer);
    expect(sealed.length).toBe(1);
    expect(await everything()).toEqual(['from the future', 'now']);
  });

  it('waits for seals when too much is in no segment', async () => {
    const waiting: (() => void)[] = [];
    const slow: Seal = async (log) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return seal(log);
    };
    const writer = await open({ seal: slow, limits: { rotateBytes: 500, unsealedBytes: 1_500 } });
    let done = 0;
    const appends = Array.from({ length: 20 }, (_, at) =>
      writer.append(batch(`${at}${'x'.repeat(200)}`)).then(() => (done += 1)),
    );
    await expect.poll(() => waiting.length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(done).toBeLessThan(20);
    expect(waiting.length).toBe(2);
    const timer = setInterval(() => waiting.shift()?.(), 1);
    await Promise.all(appends);
    await writer.close();
    clearInterval(timer);
    expect((await everything()).length).toBe(20);
  });

  it('keeps the log of a seal that failed, tells it, and the next writer seals it', async () => {
    const broken = await open({ limits: { sealAtCloseBytes: 0 }, seal: () => Promise.reject(errno('ENOSPC')) });
    await broken.append(batch('kept'));
    await broken.close();
    expect(told.map(({ code }) => code)).toEqual(['NO_SPACE']);
    expect(await everything()).toEqual(['kept']);
    const next = await open();
    await next.append(batch('more'));
    await next.close();
    expect(sealed.length).toBe(1);
    expect(await everything()).toEqual(['kept', 'more']);
  });

  it('seals what a dead writer left, its torn tail cut off and kept', async () => {
    const first = await open();
    await first.append(batch('one'));
    const path = await die(first);
    const before = statSync(path).size;
    writeFileSync(path, 'torn bytes', { flag: 'a' });
    const next = await open();
    await next.append(batch('two'));
    await next.close();
    expect(next.writer).not.toBe(first.writer);
    expect(sealed.map(({ writer, claim }) => [writer, claim])).toEqual([[first.writer, 2]]);
    expect(await everything()).toEqual(['one', 'two']);
    const [copy] = readdirSync(join(tenant, 'quarantine'));
    expect(copy).toMatch(new RegExp(`^${first.writer}-.*-${before}\\.torn$`));
    expect(readFileSync(join(tenant, 'quarantine', copy ?? ''), 'utf8')).toBe('torn bytes');
    expect(told).toEqual([]);
  });

  it('tells damage to what was acknowledged, and keeps the rest', async () => {
    const first = await open();
    for (const text of ['one', 'two', 'three']) await first.append(batch(text));
    const path = await die(first);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('two')] = 0;
    writeFileSync(path, bytes);
    await (await open()).close();
    expect(await everything()).toEqual(['one', 'three']);
    expect(told.map(({ code }) => code)).toEqual(['STORE_DAMAGED']);
    expect(readdirSync(join(tenant, 'quarantine'))[0]).toMatch(/\.damaged$/);
  });

  it('only deletes a log that was committed before its writer died', async () => {
    const first = await open();
    await first.append(batch('one'));
    const path = await die(first);
    const bytes = readFileSync(path);
    await seal({ writer: first.writer, file: path.split('/').at(-1) ?? '', path, claim: 1 });
    writeFileSync(path, bytes);
    await (await open()).close();
    expect(sealed.length).toBe(1);
    expect(await everything()).toEqual(['one']);
    expect(existsSync(path)).toBe(false);
  });

  it('does not go on with a released file that is not as it was released', async () => {
    const first = await open();
    await first.append(batch('one'));
    await first.close();
    const [log] = await listLogs(nodeFs, tenant);
    truncateSync(log?.path ?? '', (log?.bytes ?? 0) - 5);
    const next = await open();
    await next.append(batch('two'));
    await next.close();
    expect(sealed.map(({ file }) => file)).toEqual([log?.file]);
    expect(await everything()).toEqual(['one', 'two']);
  });

  it('knows how far sources are: commits, live logs, no gaps, and the hash of just so many bytes', async () => {
    const writer = await open();
    const source = (from: number, to: number, id = 's') => ({ source: { id, from, to, hash: `hash of ${to}` } });
    await writer.append(batch('a', source(0, 10)));
    await writer.append(batch('b', source(10, 20)));
    await writer.append(batch('c', source(0, 5, 'gap')));
    await writer.append(batch('d', source(7, 9, 'gap')));
    expect(Object.fromEntries(await writer.marks())).toEqual({
      s: { id: 's', position: 20, hash: 'hash of 20' },
      gap: { id: 'gap', position: 5, hash: 'hash of 5' },
    });
    await writer.close();
    const next = await open({ limits: { sealAtCloseBytes: 0 } });
    expect((await next.marks()).get('s')).toEqual({ id: 's', position: 20, hash: 'hash of 20' });
    await next.close();
    expect(await listLogs(nodeFs, tenant)).toEqual([]);
    const last = await open();
    expect((await last.marks()).get('s')).toEqual({ id: 's', position: 20, hash: 'hash of 20' });
    await last.append(batch('e', { source: { id: 's', from: 20, to: 30 } }));
    expect((await last.marks()).get('s')).toEqual({ id: 's', position: 30 });
    await last.close();
  });

  it('stops for good when a sync fails; the next writer finds what was acknowledged', async () => {
    let fail = false;
    const fs: Fs = faultFs(nodeFs, ({ name, path }) => {
      if (fail && name === 'datasync' && path.endsWith('.log')) throw errno('EIO');
    });
    const writer = await open({ fs });
    await writer.append(batch('safe'));
    fail = true;
    await expect(writer.append(batch('lost'))).rejects.toMatchObject({ code: 'SYNC_FAILED' });
    fail = false;
    await expect(writer.append(batch('more'))).rejects.toMatchObject({ code: 'SYNC_FAILED' });
    await writer.close();
    await (await open()).close();
    expect(await everything()).toEqual(['safe']);
    expect(sealed.length).toBe(1);
  });

  it('refuses before the disk is full, and goes on when it is not', async () => {
    let freeBytes = 1e9;
    const fs = {
      ...nodeFs,
      volume: async (path: string) => ({ ...(await nodeFs.volume(path)), freeBytes, totalBytes: 1e12 }),
    };
    const writer = await open({ fs });
    freeBytes = 1e6;
    await expect(writer.append(batch('lost'))).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringContaining(tenant),
    });
    freeBytes = 1e9;
    await writer.append(batch('kept'));
    await writer.close();
    expect(await everything()).toEqual(['kept']);
  });

  it('takes only batches', async () => {
    const writer = await open();
    await expect(writer.append({ bytes: Buffer.from('x'), lines: 1, context: {} })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await writer.close();
    await expect(writer.append(batch('x'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
