import { mkdirSync, readdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CommitLog } from '../../../../../src/lib/adapters/embedded/commits/commit-log.ts';
import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { removeUnreferenced, sweep } from '../../../../../src/lib/adapters/embedded/write/sweep.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const DAY = '2026.01.02';

function segment(name: string): SegmentEntry {
  const sum = { bytes: 1, crc: 2 };
  const times = { minTs: '1', maxTs: '2', minReceived: 3, maxReceived: 4 };
  return { day: DAY, name, rows: 1, rawBytes: 5, ...times, parquet: sum, idx: sum, columns: [], ranges: [] };
}

function storeWith(files: readonly string[]): string {
  const tenant = temporaryFolder();
  mkdirSync(join(tenant, 'commits'));
  mkdirSync(join(tenant, DAY));
  for (const name of files) writeFileSync(join(tenant, DAY, name), '');
  return tenant;
}

const NOTHING = { added: [], removed: [], consumed: [], positions: [] };

it('removes what a dead claim left without a commit, and nothing of anyone else', async () => {
  const kept = [
    'aaaaaaaaaaaa-1-1.idx',
    'aaaaaaaaaaaa-1-1.parquet',
    'aaaaaaaaaaaa-3-1.parquet',
    'bbbbbbbbbbbb-1-1.parquet',
    'notes.txt',
  ];
  const left = [
    'aaaaaaaaaaaa-1-1.parquet.tmp',
    'aaaaaaaaaaaa-1-2.parquet',
    'aaaaaaaaaaaa-2-1.idx',
    'aaaaaaaaaaaa-2-1.plain.tmp',
  ];
  const tenant = storeWith([...kept, ...left]);
  const log = new CommitLog(nodeFs, tenant);
  await log.commit(await log.fold(), { ...NOTHING, added: [segment('aaaaaaaaaaaa-1-1')] });
  await removeUnreferenced(nodeFs, tenant, log, 'aaaaaaaaaaaa', 2);
  expect(readdirSync(join(tenant, DAY)).sort()).toEqual(kept);
});

it('keeps what a damaged checkpoint stands on', async () => {
  const tenant = storeWith([]);
  const commits = join(tenant, 'commits');
  let now = Date.now();
  const log = new CommitLog(nodeFs, tenant, () => now);
  const grow = async (to: number): Promise<void> => {
    for (let at = (await log.fold()).number + 1; at <= to; at += 1)
      await log.commit(await log.fold(), { ...NOTHING, added: [segment(`aaaaaaaaaaaa-1-${at}`)] });
  };
  await grow(130);
  writeFileSync(join(commits, '128'.padStart(20, '0'), `day-${DAY}.json`), 'x');
  now += 11 * 60_000;
  await sweep(nodeFs, tenant, log, now);
  expect((await new CommitLog(nodeFs, tenant).fold()).segments.size).toBe(130);
  await grow(192);
  now += 11 * 60_000;
  await sweep(nodeFs, tenant, log, now);
  expect((await new CommitLog(nodeFs, tenant).fold()).segments.size).toBe(192);
  await grow(256);
  now += 11 * 60_000;
  await sweep(nodeFs, tenant, log, now);
  const checkpoints = readdirSync(commits).filter((name) => !name.endsWith('.json'));
  expect(checkpoints).toEqual(['192', '256'].map((number) => number.padStart(20, '0')));
  expect((await new CommitLog(nodeFs, tenant).fold()).segments.size).toBe(256);
});

it('leaves no file of the commits that a store cannot do without but those after the last checkpoint', async () => {
  const tenant = storeWith([]);
  const commits = join(tenant, 'commits');
  let now = Date.now();
  const log = new CommitLog(nodeFs, tenant, () => now);
  for (let at = 1; at <= 200; at += 1)
    await log.commit(await log.fold(), {
      ...NOTHING,
      added: [segment(`aaaaaaaaaaaa-1-${at}`)],
      positions: [{ id: 's', position: at }],
    });
  now += 11 * 60_000;
  await sweep(nodeFs, tenant, log, now);
  const names = (readdirSync(commits, { recursive: true }) as string[]).filter((name) => name.endsWith('.json'));
  const last = '192'.padStart(20, '0');
  const needed = names.filter((name) => name.length === 25 && name > `${last}.json`);
  expect(needed).toHaveLength(8);
  const whole = await new CommitLog(nodeFs, tenant).fold();
  expect(whole.segments.size).toBe(200);
  for (const name of names.filter((each) => !needed.includes(each))) {
    const bytes = readFileSync(join(commits, name));
    for (const harm of [
      () => writeFileSync(join(commits, name), bytes.subarray(1)),
      () => unlinkSync(join(commits, name)),
    ]) {
      harm();
      const { segments, positions } = await new CommitLog(nodeFs, tenant).fold();
      expect([segments, positions], name).toEqual([whole.segments, whole.positions]);
      writeFileSync(join(commits, name), bytes);
    }
  }
});

it('removes files of a removed segment after ten minutes, and old temporary files of commits', async () => {
  const tenant = storeWith(['aaaaaaaaaaaa-1-1.idx', 'aaaaaaaaaaaa-1-1.parquet']);
  let now = Date.now();
  const log = new CommitLog(nodeFs, tenant, () => now);
  await log.commit(await log.fold(), { ...NOTHING, added: [segment('aaaaaaaaaaaa-1-1')] });
  await log.commit(await log.fold(), { ...NOTHING, removed: [`${DAY}/aaaaaaaaaaaa-1-1`] });
  const temporary = ['tmp-0123456789abcdef', 'tmp-fedcba9876543210'].map((name) => join(tenant, 'commits', name));
  for (const path of temporary) writeFileSync(path, '');
  utimesSync(temporary[0] ?? '', 0, 0);
  now += 9 * 60_000;
  await removeUnreferenced(nodeFs, tenant, log, 'aaaaaaaaaaaa', 1);
  await sweep(nodeFs, tenant, log, now);
  expect(readdirSync(join(tenant, DAY)).length).toBe(2);
  expect(readdirSync(join(tenant, 'commits')).filter((name) => name.startsWith('tmp-'))).toEqual([
    'tmp-fedcba9876543210',
  ]);
  now += 2 * 60_000;
  await sweep(nodeFs, tenant, log, now);
  expect(readdirSync(join(tenant, DAY))).toEqual([]);
});
