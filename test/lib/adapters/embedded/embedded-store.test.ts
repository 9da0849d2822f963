import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { storeContract, type StoreUnderTest } from '../../../contracts/store.ts';
import {
  CommitLog,
  Duck,
  EmbeddedWriter,
  nodeFs,
  openEmbeddedStore,
  openEmbeddedWriter,
  sealLog,
  verifyStore,
} from './built.ts';

const fail = (problem: Error): void => {
  throw problem;
};

/** A store in a folder of its own; with `sealing` every close seals, so that all is in segments. */
async function open(sealing: boolean): Promise<StoreUnderTest & { readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'logs-store-'));
  await (await openEmbeddedWriter(dir, { tell: fail })).close();
  const store = await openEmbeddedStore(dir);
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  return {
    dir,
    store,
    async ingest(lines) {
      const writer = await EmbeddedWriter.open({
        dir,
        tell: fail,
        seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
        limits: sealing ? { sealAtCloseBytes: 0 } : {},
      });
      const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      await writer.append({ bytes, lines: lines.length, context: {} });
      await writer.close();
    },
    async close() {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

storeContract('the embedded store, unsealed,', () => open(false), { follows: true });
storeContract('the embedded store, sealed,', () => open(true), { follows: true });

const clock = { now: 0n, zone: 'UTC' };

async function search(store: StoreUnderTest['store'], report: ReadReport): Promise<number> {
  let found = 0;
  const plan = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' } as const;
  for await (const batch of store.search(plan, report, new AbortController().signal)) found += batch.length;
  return found;
}

describe('memory', () => {
  it('is told once to be short, and everything is answered', async () => {
    const under = await open(true);
    const openDuck = Duck.open.bind(Duck);
    vi.spyOn(Duck, 'open').mockImplementation((options) => openDuck({ ...options, memory: 48 }));
    const told: string[] = [];
    const store = await openEmbeddedStore(under.dir, { tell: (text) => told.push(text) });
    try {
      const long = 'lorem ipsum '.repeat(400);
      await under.ingest(Array.from({ length: 12_000 }, (_, n) => Buffer.from(`{"message":"${n} ${long}"}`)));
      const plan = { filter: { kind: 'all' }, range: {}, clock, by: [] } as const;
      const report: ReadReport = { scanned: 0, damage: [] };
      for (const field of ['message', 'msg']) {
        const functions = [{ kind: 'distinct', field }] as const;
        const table = await store.aggregate({ ...plan, functions }, report, new AbortController().signal);
        expect(table.rows).toEqual([[12_000]]);
      }
      expect(told).toEqual(['the query needs more memory than it may have; it is asked again for less at a time']);
    } finally {
      vi.restoreAllMocks();
      await store.close();
      await under.close();
    }
  });
});

describe('damage', () => {
  const lines = Array.from({ length: 50 }, (_, n) => Buffer.from(`{"message":"event ${n}"}`));

  for (const suffix of ['.parquet', '.idx']) {
    for (const [how, change] of [
      ['one byte flipped', (bytes: Buffer) => bytes.fill(bytes.readUInt8(20) ^ 1, 20, 21)],
      ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
      ['zeroed', (bytes: Buffer) => bytes.fill(0, 8, 40)],
    ] as const) {
      it(`of a segment's ${suffix}, ${how}, is told and the rest answered`, async () => {
        const under = await open(true);
        try {
          await under.ingest(lines);
          const days = (await readdir(join(under.dir, 'default'))).filter((name) => /^\d{4}\./.test(name));
          const day = join(under.dir, 'default', days[0] ?? '');
          const name = (await readdir(day)).find((file) => file.endsWith(suffix)) ?? '';
          await writeFile(join(day, name), change(await readFile(join(day, name))));
          await under.ingest(lines.slice(0, 3));
          const report: ReadReport = { scanned: 0, damage: [] };
          expect(await search(under.store, report)).toBe(3);
          expect(report.damage).toHaveLength(1);
          const verified = await verifyStore(under.dir, new AbortController().signal);
          expect(verified).toMatchObject({ events: 3, segments: 1 });
          expect(verified.damage).toHaveLength(1);
        } finally {
          await under.close();
        }
      });
    }
  }

  it('of a commit is told', async () => {
    const under = await open(true);
    try {
      await under.ingest(lines);
      const commits = join(under.dir, 'default', 'commits');
      const name = (await readdir(commits)).find((file) => file.endsWith('.json')) ?? '';
      const bytes = await readFile(join(commits, name));
      bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
      await writeFile(join(commits, name), bytes);
      const report: ReadReport = { scanned: 0, damage: [] };
      expect(await search(under.store, report)).toBe(0);
      expect(report.damage).toMatchObject([{ where: join(commits, name) }]);
    } finally {
      await under.close();
    }
  });
});

describe('writers, sealers and readers at once', () => {
  it('shows each acknowledged event exactly once', async () => {
    const under = await open(true);
    try {
      let acknowledged = 0;
      let writing = true;
      const ingest = async (name: string): Promise<void> => {
        for (let round = 0; round < 6; round++) {
          await under.ingest(Array.from({ length: 20 }, (_, n) => Buffer.from(`{"message":"${name} ${round} ${n}"}`)));
          acknowledged += 20;
        }
      };
      const readers = (async () => {
        while (writing) {
          const before = acknowledged;
          const found = await search(under.store, { scanned: 0, damage: [] });
          expect(found).toBeGreaterThanOrEqual(before);
          expect(found % 20).toBe(0);
        }
      })();
      await Promise.all([ingest('a'), ingest('b'), ingest('c')]);
      writing = false;
      await readers;
      expect(await search(under.store, { scanned: 0, damage: [] })).toBe(360);
    } finally {
      await under.close();
    }
  });
});
