import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore, openEmbeddedWriter } from '../../../../../src/lib/adapters/embedded/embedded-store.ts';
import { storeSink } from '../../../../../src/lib/adapters/embedded/write/store-sink.ts';
import { openFileSource } from '../../../../../src/lib/adapters/file/file-source.ts';
import { ship } from '../../../../../src/lib/app/ship.ts';
import { sinkContract } from '../../../../contracts/sink.ts';

const open = async (dir: string) => storeSink(await openEmbeddedWriter(dir, { tell: () => undefined }));

/** Messages of everything in the store, oldest first. */
async function messagesIn(dir: string): Promise<string[]> {
  const store = await openEmbeddedStore(dir);
  const clock = { now: 0n, zone: 'UTC' };
  const found: string[] = [];
  try {
    const plan = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' } as const;
    const report = { scanned: 0, damage: [] };
    for await (const records of store.search(plan, report, new AbortController().signal)) {
      for (const record of records) found.push(record.message ?? '');
    }
    expect(report.damage).toEqual([]);
  } finally {
    await store.close();
  }
  return found;
}

sinkContract('store', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'logs-store-sink-'));
  return {
    sink: await open(dir),
    messages: () => messagesIn(dir),
    dispose: () => rm(dir, { recursive: true }),
  };
});

const mounted: string[] = [];
/** A file system of 8 MiB; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'logs-full-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir]).status === 0) {
    mounted.push(dir);
    return dir;
  }
  rmSync(dir, { recursive: true });
  return undefined;
}
afterAll(() => {
  for (const dir of mounted) {
    spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true });
  }
});

const disk = smallDisk();
describe.skipIf(disk === undefined)('a disk that is really full', () => {
  it('says so, keeps what was acknowledged, and goes on there when there is space', { timeout: 30_000 }, async () => {
    if (disk === undefined) return;
    const input = await mkdtemp(join(tmpdir(), 'logs-full-input-'));
    const lines: string[] = [];
    const paths: string[] = [];
    for (let file = 0; file < 3; file += 1) {
      const own = Array.from({ length: 3_000 }, (_, i) => `${file}-${i} ${randomBytes(500).toString('hex')}`);
      lines.push(...own);
      paths.push(join(input, `${file}.log`));
      await writeFile(join(input, `${file}.log`), `${own.join('\n')}\n`);
    }
    const dir = join(disk, 'store');
    const shipAll = async () => {
      const sink = await open(dir);
      return ship(
        {
          sources: paths.map((name) => ({ name, open: () => openFileSource(name) })),
          read: { encoding: undefined, multiline: 'none', context: {} },
          target: { sink, claims: { claim: async () => ({ release: async () => undefined }) } },
          again: false,
        },
        new AbortController().signal,
      );
    };
    await expect(shipAll()).resolves.toMatchObject({ failed: { code: 'NO_SPACE' } });
    const before = await messagesIn(dir);
    expect(before.length).toBeGreaterThan(3_000);
    expect(before.length).toBeLessThan(9_000);
    expect(spawnSync('mount', ['-o', 'remount,size=64m', disk]).status).toBe(0);
    const { summary } = await shipAll();
    expect(summary.events).toBe(9_000 - before.length);
    expect((await messagesIn(dir)).sort()).toEqual(lines.sort());
    await rm(input, { recursive: true });
  });
});
