import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CommitLog, EmbeddedWriter, nodeFs, restSeals, sealLog, verifyStore } from '../lib/adapters/embedded/built.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const MB = 2 ** 20;
const NOTHING = { added: [], removed: [], consumed: [], positions: [] };

const folder = mkdtempSync(join(tmpdir(), 'logs-full-'));
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]).status === 0;
afterAll(() => {
  if (canMount) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

const store = join(folder, 'store');
const tenantDir = join(store, 'default');
const filler = join(folder, 'filler');

function logs(...args: string[]) {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: store };
  const done = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, input: '' });
  return { output: done.stdout, error: done.stderr, exit: done.status };
}

/** Fills the disk but for so many bytes. */
function leave(bytes: number): void {
  truncateSync(filler, 0);
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

async function openWriter(sealAtCloseBytes: number) {
  const commitLog = new CommitLog(nodeFs, tenantDir);
  return EmbeddedWriter.open({
    dir: store,
    tell: (problem) => expect.fail(problem.message),
    seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
    restSeals,
    limits: { sealAtCloseBytes },
  });
}

const batch = (bytes: number) => {
  // What comes again word for word takes no room on its way into a segment.
  const line = (n: number): string =>
    `{"@timestamp":"2026-01-02T10:00:00Z","message":"${String(n).padStart(6)} ${'all of these are alike '.repeat(20)}"}\n`;
  const lines = Math.floor(bytes / line(0).length);
  return { bytes: Buffer.from(Array.from({ length: lines }, (_, n) => line(n)).join('')), lines, context: {} };
};

describe.skipIf(!canMount)('logs store compact on a full disk', () => {
  let events = 0;

  beforeEach(async () => {
    rmSync(store, { recursive: true, force: true });
    writeFileSync(filler, '');
    events = 0;
    // One log file each, and none of them sealed: the largest first.
    const writers = await Promise.all([4, 2, 1].map(async (size) => ({ size, writer: await openWriter(64 * MB) })));
    for (const { size, writer } of writers) {
      const one = batch(size * MB);
      await writer.append(one);
      events += one.lines;
      await writer.close();
    }
  }, 30_000);

  it('says what could not be sealed and what helps, ends with 2, and loses nothing', { timeout: 30_000 }, async () => {
    leave(0.5 * MB);
    const { exit, output, error } = logs('store', 'compact');
    expect({ exit, output }).toEqual({ exit: 2, output: 'default: no segments\n' });
    expect(error.match(/^not done: cannot .* of \S+\.log: no space left$/gm)).toHaveLength(3);
    expect(error.match(/^hint: Free some space .*$/gm)).toHaveLength(1);
    const json = logs('store', 'compact', '--json');
    expect(json.exit).toBe(2);
    expect(JSON.parse(json.output)).toMatchObject({
      tenants: [{ sealed: { logs: 0 }, problems: [{ code: 'NO_SPACE' }, {}, {}] }],
    });
    expect(logs('search', '-c')).toMatchObject({ exit: 0, output: `${events}\n` });
    const verified = await verifyStore(store, new AbortController().signal);
    expect(verified).toMatchObject({ events, damage: [], unnamed: [] });
  });

  it('begins with what is small, so that it makes room for the rest', { timeout: 30_000 }, async () => {
    leave(1.6 * MB);
    expect(logs('store', 'compact')).toMatchObject({ exit: 0, error: '' });
    const verified = await verifyStore(store, new AbortController().signal);
    expect(verified).toMatchObject({ events, logs: 0, damage: [], unnamed: [] });
  });

  it('says so whichever file does not fit', { timeout: 60_000 }, async () => {
    const random = Array.from({ length: 2000 }, () => `{"message":"${randomBytes(500).toString('base64')}"}\n`);
    const bytes = Buffer.from(random.join(''));
    const ends = new Set<string>();
    for (const room of [0.5, 1.05, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 3]) {
      rmSync(store, { recursive: true });
      writeFileSync(filler, '');
      const writer = await openWriter(64 * MB);
      await writer.append({ bytes, lines: random.length, context: {} });
      await writer.close();
      leave(bytes.length * room);
      const { exit, output } = logs('store', 'compact', '--json');
      const [{ problems, after }] = JSON.parse(output).tenants;
      ends.add(`${exit} ${after.segments} ${problems.map(({ code }: { code: string }) => code)}`);
    }
    expect([...ends].sort()).toEqual(['0 1 ', '2 0 NO_SPACE']);
  });

  it('takes what was kept of merged segments, where nothing else is left', { timeout: 30_000 }, async () => {
    // What dead processes left, and what was merged a moment ago.
    const commitLog = new CommitLog(nodeFs, tenantDir);
    const writer = await openWriter(0);
    await writer.append(batch(1000));
    await writer.close();
    events += batch(1000).lines;
    const state = await commitLog.fold();
    const [entry] = state.segments.values();
    if (entry === undefined) throw new Error('nothing is sealed');
    const old = { ...entry, name: `${entry.name}9` };
    writeFileSync(join(tenantDir, old.day, `${old.name}.parquet`), Buffer.alloc(6 * MB));
    await commitLog.commit(state, { ...NOTHING, added: [old] });
    await commitLog.commit(await commitLog.fold(), { ...NOTHING, removed: [`${old.day}/${old.name}`] });
    leave(0.3 * MB);
    expect(logs('store', 'compact')).toMatchObject({ exit: 0, error: '' });
    const verified = await verifyStore(store, new AbortController().signal);
    expect(verified).toMatchObject({ events, logs: 0, damage: [], unnamed: [] });
  });
});
