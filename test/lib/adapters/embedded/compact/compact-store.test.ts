import { existsSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planCompaction } from '../../../../../src/lib/adapters/embedded/compact/plan.ts';
import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { listSegmentFiles } from '../../../../../src/lib/adapters/embedded/segment/segment-files.ts';
import { parseQuery } from '../../../../../src/lib/query/parse.ts';
import { logIdsOf } from '../../../../../src/lib/record/log-id.ts';
import type { LogRecord } from '../../../../../src/lib/record/record.ts';
import {
  CommitLog,
  compactBriefly,
  compactInBuilder,
  compactStep,
  nodeFs,
  openEmbeddedStore,
  verifyStore,
} from '../built.ts';
import { ALL, SealedStore } from './sealed-store.ts';

const never = new AbortController().signal;
const fail = (problem: Error): void => expect.fail(problem.message);

/** All of a record that may be asked for, with the very bytes. */
const shown = (record: LogRecord) => ({ ...record, raw: Buffer.from(record.raw).toString('latin1') });

const json = (n: number, at: string): string =>
  JSON.stringify({
    '@timestamp': at,
    level: n % 7 === 0 ? 'ERROR' : 'INFO',
    pod: `p${n % 3}`,
    trace_id: `4bf92f3577b34da6a3ce929d0e0e47${String(n).padStart(2, '0')}`,
    message: `request ${n} of 4bf92f3577b34da6a3ce929d0e0e47${String(n).padStart(2, '0')}`,
  });

const HOSTILE = [
  Buffer.from('\ufeff{"message":"bom"}'),
  Buffer.from('plain text, no time'),
  Buffer.from([0x66, 0xff, 0xfe, 0x00, 0x67]),
  Buffer.from('{"~f":1,"life":"0011223344556677","seq":1}'),
  Buffer.from('{"a":1,"a":2,"big":9007199254740993,"f":1.0,"pod":"x\\u0041"}'),
  Buffer.from('{"message":"cr"}\r'),
  Buffer.from('\u0001\u0002\u0003\u0006 marks'),
  Buffer.from('\u001b[31mred\u001b[0m \u2028'),
];

const unnamed = async (store: SealedStore): Promise<string[]> => {
  const { segments, removedAt } = await new CommitLog(nodeFs, store.tenantDir).foldAll();
  return (await listSegmentFiles(nodeFs, store.tenantDir))
    .filter(({ day, name, whole }) => !whole || !(segments.has(`${day}/${name}`) || removedAt.has(`${day}/${name}`)))
    .map(({ path }) => path);
};

describe('a store that is compacted', () => {
  it('has the same events, with the same bytes, ids, contexts and order, in one segment', async () => {
    const store = new SealedStore();
    const at = (n: number): string => `2026-01-0${1 + (n % 2)}T10:00:0${n % 10}.000Z`;
    await store.add(
      Array.from({ length: 40 }, (_, n) => json(n, at(n))),
      { service: 'a', fields: { env: 'prod' } },
    );
    await store.add(HOSTILE, { host: 'h' });
    await store.add(Array.from({ length: 40 }, (_, n) => json(n, at(n + 1))));
    const ids = logIdsOf(Date.parse('2026-01-02T00:00:00Z'), '00000000abcd', 7);
    await store.add([json(1, at(1)), json(2, at(1))], {}, [ids(1), ids(0)]);
    const before = (await store.records()).map(shown);
    const held = await store.fold();
    const [done] = await store.compact();
    const after = await store.fold();
    expect(done).toMatchObject({ tenant: 'default', damage: [], before: { segments: held.segments.size } });
    expect(done?.after?.diskBytes).toBeLessThan(done?.before.diskBytes ?? 0);
    // 1 and 2 January, which have little, and today, which has those without a time.
    expect([...after.segments.values()].map(({ day, days }) => (days ?? [day]).join(' ')).sort()).toEqual([
      '2026.01.01 2026.01.02',
      new Date().toISOString().slice(0, 10).replaceAll('-', '.'),
    ]);
    expect((await store.records()).map(shown)).toEqual(before);
    const verified = await verifyStore(store.dir, never);
    expect(verified).toMatchObject({ events: before.length, damage: [], unnamed: [] });
    // Where rows come from is known as before: the frames of each log file, and the commit that sealed them.
    const ranges = (all: Iterable<SegmentEntry>): string[] =>
      [
        ...new Set(
          [...all].flatMap((each) =>
            each.ranges.map(({ file, from, to, commit }) => `${file} ${from} ${to} ${commit}`),
          ),
        ),
      ].sort();
    expect(ranges(after.segments.values())).toEqual(ranges(held.segments.values()));
    expect(await store.compact()).toMatchObject([{ steps: [] }]);
    await store.sweep();
    expect((await store.records()).map(shown)).toEqual(before);
    expect(await listSegmentFiles(nodeFs, store.tenantDir)).toHaveLength(after.segments.size * 2);
  });

  it('merges what days with little have', async () => {
    const store = new SealedStore();
    const day = (n: number): string => new Date(Date.UTC(2020, 0, 1) + n * 86_400_000).toISOString();
    await store.add(Array.from({ length: 70 }, (_, n) => json(n, day(n))));
    for (let n = 70; n < 80; n++) await store.add([json(n, day(n))]);
    const before = (await store.records()).map(shown);
    const [done] = await store.compact();
    // All of 2020, but for what is too much already to take in little.
    expect((await store.fold()).segments.size).toBeLessThanOrEqual(2);
    expect(done?.after?.diskBytes).toBeLessThan((done?.before.diskBytes ?? 0) / 5);
    expect((await store.records()).map(shown)).toEqual(before);
    expect(await store.compact()).toMatchObject([{ steps: [] }]);
  });

  it('splits what log files of many days left, once it is enough for segments of days', {
    timeout: 60_000,
  }, async () => {
    const store = new SealedStore();
    const day = (n: number, at: number): string => new Date(Date.UTC(2020, 0, 1 + n, 0, 0, at)).toISOString();
    const filler = 'of some length '.repeat(60);
    for (let batch = 0; batch < 4; batch++) {
      const days = Array.from({ length: 10 }, (_, n) =>
        Array.from({ length: 300 }, (_1, at) => json(at, day(n, at)).replace('request', `${batch} ${filler}`)),
      );
      await store.add(days.flat());
    }
    const held = await store.fold();
    expect([...held.segments.values()].filter(({ days }) => days !== undefined)).toHaveLength(4);
    const before = (await store.records()).map(shown);
    await store.compact();
    const { segments } = await store.fold();
    expect([...segments.values()].map((each) => each.days)).toEqual(Array.from({ length: 10 }, () => undefined));
    for (const { minTs, maxTs, day: of, ranges } of segments.values()) {
      for (const ts of [minTs, maxTs]) {
        const time = new Date(Number(BigInt(ts) / 1_000_000n)).toISOString();
        expect(time.slice(0, 10).replaceAll('-', '.')).toBe(of);
      }
      expect(ranges).toHaveLength(4);
    }
    expect((await store.records()).map(shown)).toEqual(before);
  });

  it('leaves a damaged segment as it is, tells it, and merges the others', async () => {
    const store = new SealedStore();
    for (let n = 0; n < 4; n++) await store.add([json(n, `2026-01-02T10:00:0${n}Z`), json(n, '2026-01-02T11:00:00Z')]);
    const [first] = (await store.fold()).segments.keys();
    const path = join(store.tenantDir, `${first}.parquet`);
    const bytes = readFileSync(path);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const [done] = await store.compact();
    expect(done?.damage).toMatchObject([{ where: first }]);
    const { segments } = await store.fold();
    expect(segments.size).toBe(2);
    expect(segments.has(first ?? '')).toBe(true);
    const report = { scanned: 0, damage: [] };
    expect(await store.records(report)).toHaveLength(6);
    expect(report.damage).toHaveLength(1);
    expect(await unnamed(store)).toEqual([]);
  });

  it('is compacted once when two build the same anew, and of the other nothing is left', async () => {
    const store = new SealedStore();
    for (let n = 0; n < 4; n++) await store.add([json(n, `2026-01-02T10:00:0${n}Z`)]);
    const before = (await store.records()).map(shown);
    const one = async (claim: number) => {
      const commitLog = new CommitLog(nodeFs, store.tenantDir);
      const base = await commitLog.fold();
      const [step] = planCompaction(base.segments.values(), { want: 'all', most: 2 ** 30, now: Date.now() });
      if (step === undefined) throw new Error('nothing to do');
      const compacting = { ...store.place, commitLog, build: compactInBuilder, tell: fail };
      return compactStep(compacting, base, step, { writer: '000000000000', claim }, never);
    };
    const done = await Promise.all([one(1), one(2), one(3)]);
    expect(done.map(({ added }) => added.length).filter((made) => made > 0)).toEqual([1]);
    expect((await store.fold()).segments.size).toBe(1);
    expect((await store.records()).map(shown)).toEqual(before);
    expect(await unnamed(store)).toEqual([]);
  });

  it('is left alone by whoever built the same anew, when the files it read from are gone meanwhile', async () => {
    for (const fails of ['with an error', 'by damage'] as const) {
      const store = new SealedStore();
      for (let n = 0; n < 4; n++) await store.add([json(n, `2026-01-02T10:00:0${n}Z`)]);
      const base = await store.fold();
      const [step] = planCompaction(base.segments.values(), { want: 'all', most: 2 ** 30, now: Date.now() });
      if (step === undefined) throw new Error('nothing to do');
      const build: typeof compactInBuilder = async (request, signal) => {
        await store.compact();
        await store.sweep();
        if (fails === 'with an error') throw new Error('IO Error: No files found that match the pattern');
        return compactInBuilder(request, signal);
      };
      const compacting = { ...store.place, build, tell: fail };
      const maker = { writer: '000000000000', claim: 99 };
      expect(await compactStep(compacting, base, step, maker, never)).toEqual({ added: [], damaged: [] });
      expect((await store.fold()).segments.size).toBe(1);
      expect(await unnamed(store)).toEqual([]);
    }
  });

  it('is left as it was when its segments would give back other bytes than they were made of', async () => {
    const store = new SealedStore();
    for (let n = 0; n < 4; n++) await store.add([json(n, `2026-01-02T10:00:0${n}Z`)]);
    const base = await store.fold();
    const [step] = planCompaction(base.segments.values(), { want: 'all', most: 2 ** 30, now: Date.now() });
    if (step === undefined) throw new Error('nothing to do');
    const [first, ...others] = step.segments;
    if (first === undefined) throw new Error('nothing to do');
    const compacting = { ...store.place, build: compactInBuilder, tell: fail };
    const longer = { ...step, segments: [{ ...first, rawBytes: first.rawBytes + 1 }, ...others] };
    await expect(
      compactStep(compacting, base, longer, { writer: '000000000000', claim: 1 }, never),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await store.fold()).segments.size).toBe(4);
    expect(await unnamed(store)).toEqual([]);
  });

  it('is left as it was when the time is over, and nothing of the new is', async () => {
    const store = new SealedStore();
    for (let n = 0; n < 4; n++) await store.add([json(n, `2026-01-02T10:00:0${n}Z`)]);
    const options = {
      ...store.place,
      now: Date.now,
      damaged: new Set<string>(),
      build: compactInBuilder,
      tell: fail,
    };
    expect(await compactBriefly(options, 1, never)).toBe(false);
    expect((await store.fold()).segments.size).toBe(4);
    expect(await unnamed(store)).toEqual([]);
    const leaving = new AbortController();
    const stepping = compactBriefly(options, 60_000, leaving.signal);
    leaving.abort();
    expect(await stepping).toBe(false);
    expect(await unnamed(store)).toEqual([]);
    expect(await compactBriefly(options, 60_000, never)).toBe(true);
    expect((await store.fold()).segments.size).toBe(1);
    expect(await compactBriefly(options, 60_000, never)).toBe(false);
  });
});

it('gives the keys that queries asked for columns, however few events have them', async () => {
  const store = new SealedStore();
  for (let n = 0; n < 2; n++) {
    const lines = Array.from({ length: 300 }, (_, line) => json(line % 60, '2026-01-02T10:00:00Z'));
    await store.add([...lines, '{"@timestamp":"2026-01-02T10:00:01Z","rare":"yes","seldom":1}']);
  }
  const keys = async (): Promise<string[]> =>
    [...(await store.fold()).segments.values()].flatMap(({ columns }) => columns.map(({ key }) => key));
  expect(await keys()).not.toContain('rare');
  const reader = await openEmbeddedStore(store.dir);
  const { filter } = parseQuery('rare:yes');
  const found: LogRecord[] = [];
  for await (const page of reader.search({ ...ALL, filter }, { scanned: 0, damage: [] }, never)) found.push(...page);
  await reader.close();
  expect(found).toHaveLength(2);
  await store.compact();
  expect(await keys()).toContain('rare');
  expect(await keys()).not.toContain('seldom');
});

describe('whoever reads while segments are compacted away and swept', () => {
  const many = async (): Promise<SealedStore> => {
    const store = new SealedStore();
    for (let n = 0; n < 4; n++) {
      const lines = Array.from({ length: 300 }, (_, line) =>
        json(line % 60, `2026-01-02T10:${String(line % 60).padStart(2, '0')}:0${n}Z`),
      );
      await store.add([...lines, json(1, '2026-01-02T10:30:00Z'), json(1, '2026-01-02T10:30:00Z')]);
    }
    return store;
  };

  for (const order of ['oldest', 'newest'] as const) {
    it(`gets every event once, ${order} first`, async () => {
      const store = await many();
      const reader = await openEmbeddedStore(store.dir);
      const report = { scanned: 0, damage: [] };
      const expected = (await store.records()).map(shown);
      if (order === 'newest') expected.reverse();
      const found: LogRecord[] = [];
      let pages = 0;
      for await (const page of reader.search({ ...ALL, order }, report, never)) {
        found.push(...page);
        if (++pages !== 2) continue;
        await store.compact();
        await store.sweep();
      }
      await reader.close();
      expect(report.damage).toEqual([]);
      expect(found.map(shown)).toEqual(expected);
    });
  }

  it('who follows gets what arrived in between, once', async () => {
    const store = new SealedStore();
    await store.add([json(0, '2026-01-02T10:00:00Z')]);
    const reader = await openEmbeddedStore(store.dir);
    const stop = new AbortController();
    const found: string[] = [];
    const pages = reader.follow(
      { filter: { kind: 'all' }, clock: ALL.clock },
      ({ what }) => expect.fail(what),
      stop.signal,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    // All before it looks for the first time: three log files of one writer, whose frames count from 1 each.
    for (let n = 1; n < 4; n++) await store.add([json(n, '2026-01-02T10:00:00Z')]);
    await store.compact();
    await store.sweep();
    const following = (async () => {
      for await (const page of pages) found.push(...page.map(({ message }) => message ?? ''));
    })();
    await expect.poll(() => found.length, { timeout: 5_000 }).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 400));
    stop.abort();
    await following;
    await reader.close();
    expect(found.map((text) => text.slice(0, 9))).toEqual(['request 1', 'request 2', 'request 3']);
  });

  it('who verifies counts every event once and finds no damage', async () => {
    const store = new SealedStore();
    const long = 'x'.repeat(400_000);
    for (let n = 0; n < 3; n++)
      await store.add([2, 3].map((day) => `{"@timestamp":"2026-01-0${day}T10:00:00Z","message":"${long}"}`));
    const merged = [...(await store.fold()).segments.keys()].filter((key) => key.startsWith('2026.01.03'));
    await store.compact();
    // The commit of the second merge comes, and the files that it replaced go, when two segments have been read.
    const { number } = await store.fold();
    const name = (of: number): string => String(of).padStart(20, '0');
    const commit = join(store.tenantDir, 'commits', `${name(number)}.json`);
    const note = (of: number): string => join(store.tenantDir, 'log', `committed.${name(of)}`);
    renameSync(commit, `${commit}.held`);
    renameSync(note(number), note(number - 1));
    const controller = new AbortController();
    let looks = 0;
    controller.signal.throwIfAborted = () => {
      looks += 1;
      if (looks !== 3) return;
      renameSync(`${commit}.held`, commit);
      renameSync(note(number - 1), note(number));
      for (const key of merged)
        for (const kind of ['parquet', 'idx']) unlinkSync(join(store.tenantDir, `${key}.${kind}`));
    };
    const { events, segments, damage, unnamed } = await verifyStore(store.dir, controller.signal);
    expect(looks).toBeGreaterThan(3);
    expect({ events, segments, damage, unnamed }).toEqual({ events: 6, segments: 2, damage: [], unnamed: [] });
  });

  it('hears of files that are gone and of which no commit says so, and gets the rest', async () => {
    const store = await many();
    const [first = ''] = (await store.fold()).segments.keys();
    await nodeFs.unlink(join(store.tenantDir, `${first}.parquet`));
    const report = { scanned: 0, damage: [] };
    expect(await store.records(report)).toHaveLength(3 * 302);
    expect(report.damage).toMatchObject([{ where: first, what: expect.stringContaining('missing') }]);
    expect(existsSync(join(store.tenantDir, `${first}.idx`))).toBe(true);
  });
});
