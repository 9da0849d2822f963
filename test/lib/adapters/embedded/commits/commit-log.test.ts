import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommitConflict, CommitLog } from '../../../../../src/lib/adapters/embedded/commits/commit-log.ts';
import type { LogRange, SegmentEntry, StoreState } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { sweep } from '../../../../../src/lib/adapters/embedded/write/sweep.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { errno, faultFs } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const NOTHING = { added: [], removed: [], consumed: [], positions: [] };
let tenant = '';
let commits = '';

beforeEach(() => {
  tenant = temporaryFolder();
  commits = join(tenant, 'commits');
  mkdirSync(commits);
});

function range(file: string, to = 3): LogRange {
  return { writer: '0123456789ab', file, from: 1, to };
}

function segment(name: string, day = '2026.01.02'): SegmentEntry {
  const sum = { bytes: 1, crc: 2 };
  const times = { minTs: '1', maxTs: '2', minReceived: 3, maxReceived: 4 };
  return { day, name, rows: 1, rawBytes: 5, ...times, parquet: sum, idx: sum, columns: [], ranges: [] };
}

function summary(state: StoreState) {
  return {
    number: state.number,
    segments: [...state.segments.keys()].sort(),
    consumed: [...state.consumed.keys()].sort(),
  };
}

function files(): string[] {
  return readdirSync(commits).sort();
}

const pad = (number: number): string => String(number).padStart(20, '0');

describe('CommitLog', () => {
  it('folds what was committed, in another instance too', async () => {
    const log = new CommitLog(nodeFs, tenant);
    const empty = await log.fold();
    expect(summary(empty)).toEqual({ number: 0, segments: [], consumed: [] });
    const change = {
      added: [segment('a')],
      removed: [],
      consumed: [range('1')],
      positions: [{ id: 's', position: 7, hash: 'h' }],
    };
    expect(await log.commit(empty, change)).toBe(1);
    expect(await log.commit(await log.fold(), { ...NOTHING, added: [segment('b')], removed: ['2026.01.02/a'] })).toBe(
      2,
    );
    for (const reader of [log, new CommitLog(nodeFs, tenant)]) {
      const state = await reader.fold();
      expect(summary(state)).toEqual({ number: 2, segments: ['2026.01.02/b'], consumed: ['0123456789ab/1'] });
      expect(state.positions.get('s')).toEqual({ id: 's', position: 7, hash: 'h' });
    }
    expect(summary(empty).number).toBe(0);
    expect(files()).toEqual([`${pad(1)}.json`, `${pad(2)}.json`]);
  });

  it('lets changes of an old base through unless they touch the same', async () => {
    const log = new CommitLog(nodeFs, tenant);
    const base = await log.fold();
    await log.commit(base, { ...NOTHING, added: [segment('a')], consumed: [range('1')] });
    expect(await log.commit(base, { ...NOTHING, added: [segment('b')], consumed: [range('2')] })).toBe(2);
    await expect(log.commit(base, { ...NOTHING, consumed: [range('1', 9)] })).rejects.toThrow(CommitConflict);
    const both = await log.fold();
    await log.commit(both, { ...NOTHING, removed: ['2026.01.02/a'] });
    await expect(log.commit(both, { ...NOTHING, removed: ['2026.01.02/a'], added: [segment('c')] })).rejects.toThrow(
      CommitConflict,
    );
    await expect(log.commit(await log.fold(), { ...NOTHING, consumed: [range('2')] })).rejects.toThrow(CommitConflict);
    expect(files().length).toBe(3);
  });

  it('gives every one of many writers at once a number of its own', async () => {
    const logs = Array.from({ length: 8 }, () => new CommitLog(nodeFs, tenant));
    const numbers = await Promise.all(
      logs.flatMap((log, at) =>
        [0, 1, 2].map(async (n) => log.commit(await log.fold(), { ...NOTHING, added: [segment(`${at}-${n}`)] })),
      ),
    );
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, at) => at + 1));
    expect((await new CommitLog(nodeFs, tenant).fold()).segments.size).toBe(24);
  });

  it('folds into checkpoints, and deletes what two of them hold, ten minutes after', async () => {
    let now = 1_000_000;
    const log = new CommitLog(nodeFs, tenant, () => now);
    const add = async (from: number, to: number): Promise<void> => {
      for (let at = from; at <= to; at += 1) {
        const removed = at > 1 ? [`2026.01.02/${at - 1}`] : [];
        await log.commit(await log.fold(), {
          ...NOTHING,
          added: [segment(`${at}`), segment(`${at}`, '2026.01.03')],
          removed,
        });
      }
    };
    await add(1, 194);
    expect(files().filter((name) => !name.endsWith('.json'))).toEqual([pad(64), pad(128), pad(192)]);
    const whole = summary(await new CommitLog(nodeFs, tenant).fold());
    expect(whole.segments.length).toBe(195);
    await sweep(nodeFs, tenant, log, now);
    expect(files().length).toBe(197);
    now += 11 * 60_000;
    await sweep(nodeFs, tenant, log, now);
    const left = Array.from({ length: 66 }, (_, at) => `${pad(at + 129)}.json`);
    expect(files()).toEqual([...left, pad(128), pad(192)].sort());
    for (let number = 129; number <= 192; number += 1) unlinkSync(join(commits, `${pad(number)}.json`));
    expect(summary(await new CommitLog(nodeFs, tenant).fold())).toEqual(whole);
    await add(195, 260);
    expect((await new CommitLog(nodeFs, tenant).fold()).number).toBe(260);
    // A base from before what was deleted is too old, even where a number is free again.
    const old: StoreState = { number: 10, segments: new Map(), consumed: new Map(), positions: new Map() };
    await expect(log.commit(old, { ...NOTHING, added: [segment('late')] })).rejects.toThrow(CommitConflict);
    expect(existsSync(join(commits, `${pad(11)}.json`))).toBe(false);
  });

  it('knows a checkpoint that holds its commit from one that does not', async () => {
    const now = 1_000_000;
    const log = new CommitLog(nodeFs, tenant, () => now);
    for (let at = 1; at <= 64; at += 1) await log.commit(await log.fold(), { ...NOTHING, added: [segment(`${at}`)] });
    expect(files().at(-1)).toBe(`${pad(64)}.json`);
    // Another process folds right after our link, before we look: the commit counted.
    const before = await new CommitLog(nodeFs, tenant).fold();
    const other = new CommitLog(nodeFs, tenant, () => now);
    const slow = faultFs(nodeFs, () => undefined);
    let linked = false;
    const during = {
      ...slow,
      link: async (from: string, to: string) => {
        await nodeFs.link(from, to);
        linked = true;
      },
      syncFolder: async (path: string) => {
        if (linked) {
          linked = false;
          for (let at = 66; at <= 128; at += 1)
            await other.commit(await other.fold(), { ...NOTHING, added: [segment(`${at}`)] });
        }
        await nodeFs.syncFolder(path);
      },
    };
    expect(await new CommitLog(during, tenant).commit(before, { ...NOTHING, consumed: [range('x')] })).toBe(65);
    expect((await new CommitLog(nodeFs, tenant).fold()).consumed.size).toBe(1);
  });

  it('lists again for a missing number, then calls it damage', async () => {
    const log = new CommitLog(nodeFs, tenant);
    for (const name of ['a', 'b', 'c']) await log.commit(await log.fold(), { ...NOTHING, added: [segment(name)] });
    const middle = join(commits, `${pad(2)}.json`);
    renameSync(middle, join(tenant, 'away'));
    await expect(new CommitLog(nodeFs, tenant).fold()).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining('commit 2'),
    });
    setTimeout(() => renameSync(join(tenant, 'away'), middle), 30);
    expect((await new CommitLog(nodeFs, tenant).fold()).number).toBe(3);
  });

  it('calls any changed byte of a commit or a checkpoint damage, once it is needed', async () => {
    const log = new CommitLog(nodeFs, tenant);
    for (let at = 1; at <= 64; at += 1) {
      await log.commit(await log.fold(), {
        ...NOTHING,
        added: [segment(`${at}`)],
        positions: [{ id: 's', position: at }],
      });
    }
    await log.commit(await log.fold(), { ...NOTHING, consumed: [range('1')] });
    const whole = summary(await log.fold());
    const checkpoint = join(commits, pad(64));
    const parts = readdirSync(checkpoint).map((name) => join(checkpoint, name));
    expect(parts.length).toBe(3);
    // As long as its commits are there, a checkpoint is not needed.
    for (const path of parts) {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.subarray(1));
      expect(summary(await new CommitLog(nodeFs, tenant).fold())).toEqual(whole);
      writeFileSync(path, bytes);
    }
    unlinkSync(join(commits, `${pad(64)}.json`));
    for (const path of [join(commits, `${pad(65)}.json`), ...parts]) {
      const bytes = readFileSync(path);
      for (let offset = 0; offset < bytes.length; offset += Math.ceil(bytes.length / 60)) {
        const harmed = Buffer.from(bytes);
        harmed[offset] = (harmed[offset] ?? 0) ^ 4;
        writeFileSync(path, harmed);
        await expect(new CommitLog(nodeFs, tenant).fold(), `${path} at ${offset}`).rejects.toMatchObject({
          code: 'STORE_DAMAGED',
          message: expect.stringContaining(path),
        });
      }
      writeFileSync(path, bytes);
    }
    expect((await new CommitLog(nodeFs, tenant).fold()).number).toBe(65);
  });

  it('says for reading what can be read of damaged commits, and what cannot', async () => {
    const log = new CommitLog(nodeFs, tenant);
    for (let at = 1; at <= 70; at += 1)
      await log.commit(await log.fold(), { ...NOTHING, added: [segment(`${at}`)], consumed: [range(`${at}`)] });
    expect(await new CommitLog(nodeFs, tenant).foldReadable()).toMatchObject({ state: { number: 70 }, damage: [] });
    writeFileSync(join(commits, `${pad(66)}.json`), 'x');
    for (const number of [67, 68]) unlinkSync(join(commits, `${pad(number)}.json`));
    const reader = new CommitLog(nodeFs, tenant);
    await expect(reader.fold()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    const { state, damage } = await reader.foldReadable();
    expect(state.number).toBe(70);
    expect(state.segments.size).toBe(67);
    expect(state.consumed.size).toBe(67);
    expect(damage.map(({ where }) => where)).toEqual([join(commits, `${pad(66)}.json`), commits]);
    expect(damage[1]?.what).toContain('commits 67 to 68 are missing');
  });

  it('names rows once and none too few where a commit that merged days is lost', async () => {
    const log = new CommitLog(nodeFs, tenant);
    const [first, second, third] = ['2026.01.02', '2026.01.03', '2026.01.04'] as const;
    const sealed = (name: string, file: string, day: string): SegmentEntry => ({
      ...segment(name, day),
      ranges: [{ ...range(file), commit: 0 }],
    });
    const merged = (name: string, ranges: readonly (readonly [file: string, days: readonly string[]])[]) => ({
      ...segment(name, first),
      days: [...new Set(ranges.flatMap(([, days]) => days))],
      ranges: ranges.map(([file, days]) => ({ ...range(file), commit: 1, days })),
    });
    const commit = async (added: readonly SegmentEntry[], removed: readonly string[]): Promise<void> => {
      await log.commit(await log.fold(), { ...NOTHING, added, removed });
    };
    await commit([sealed('a', 'one', first), sealed('b', 'one', second), sealed('c', 'one', third)], []);
    // Of the second day, too, but of another file: never merged.
    await commit([sealed('d', 'two', first), sealed('e', 'two', second)], []);
    await commit([merged('x', [['one', [first, second]]])], [`${first}/a`, `${second}/b`]);
    const y = merged('y', [
      ['one', [first, second, third]],
      ['two', [first]],
    ]);
    await commit([y], [`${first}/x`, `${third}/c`, `${first}/d`]);
    const names = async (): Promise<string[]> =>
      [...(await new CommitLog(nodeFs, tenant).foldReadable()).state.segments.values()].map(({ name }) => name).sort();
    expect(await names()).toEqual(['e', 'y']);
    const lost = join(commits, `${pad(3)}.json`);
    const bytes = readFileSync(lost);
    unlinkSync(lost);
    expect(await names()).toEqual(['e', 'y']);
    writeFileSync(lost, bytes);
    unlinkSync(join(commits, `${pad(4)}.json`));
    expect(await names()).toEqual(['c', 'd', 'e', 'x']);
  });

  it('takes what the disk cannot read for damaged', async () => {
    const log = new CommitLog(nodeFs, tenant);
    for (let at = 1; at <= 70; at += 1) await log.commit(await log.fold(), { ...NOTHING, added: [segment(`${at}`)] });
    for (const [bad, left] of [
      [join(commits, `${pad(66)}.json`), 69],
      [join(commits, pad(64), 'positions.json'), 70],
      [join(commits, pad(64), 'state.json'), 70],
    ] as const) {
      const fs = faultFs(nodeFs, ({ name, path }) => {
        if (name === 'readFile' && path === bad) throw errno('EIO');
      });
      const { state, damage } = await new CommitLog(fs, tenant).foldReadable();
      expect(state.segments.size).toBe(left);
      expect(damage.map(({ where }) => where)).toEqual(left === 70 ? [] : [bad]);
    }
  });

  it('leaves nothing when the disk is full', async () => {
    const full = faultFs(nodeFs, ({ name }) => {
      if (name === 'writev') throw errno('ENOSPC');
    });
    const log = new CommitLog(full, tenant);
    await expect(log.commit(await log.fold(), { ...NOTHING, added: [segment('a')] })).rejects.toMatchObject({
      code: 'NO_SPACE',
    });
    expect(files()).toEqual([]);
  });
});
