import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';
import { openEmbeddedStore, verifyStore } from './built.ts';

const root = join(import.meta.dirname, '../../../..');

async function idsIn(dir: string): Promise<string[]> {
  const store = await openEmbeddedStore(dir);
  const ids: string[] = [];
  const report: ReadReport = { scanned: 0, damage: [] };
  const plan = { filter: { kind: 'all' }, range: {}, clock: { now: 0n, zone: 'UTC' }, order: 'oldest' } as const;
  for await (const batch of store.search(plan, report, new AbortController().signal))
    for (const { fields } of batch) ids.push(String(fields.id));
  await store.close();
  expect(report.damage).toEqual([]);
  return ids.sort();
}

/** Batches of three events in log files of three frames; the first builder ends before its `at`-th file call. */
function ship(dir: string, name: string, batches: number, at: number) {
  const ended = `${dir}.${name}`;
  const preload = join(import.meta.dirname, 'end-builder.mjs');
  const args = [
    '--import',
    preload,
    join(root, 'test/kill/child.mjs'),
    join(root, 'dist'),
    dir,
    name,
    String(batches),
    '3',
  ];
  const env = { ...process.env, BUILDER_END_AT: String(at), BUILDER_ENDED: ended };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env,
    timeout: 20_000,
  });
  return { status, signal, acknowledged: stdout.split('\n').filter(Boolean), told: stderr, ended: existsSync(ended) };
}

function logsIn(dir: string): number {
  const names = readdirSync(join(dir, 'default', 'log'), { recursive: true });
  return names.filter((name) => String(name).endsWith('.log')).length;
}

it.each([1, 7])(
  'a builder that ends loses nothing: its log counts, and the next writer seals it: before call %i',
  async (at) => {
    const dir = join(temporaryFolder(), 'store');
    const first = ship(dir, 'p1', 12, at);
    expect(first.ended).toBe(true);
    const found = await idsIn(dir);
    if (first.status === 0) {
      expect(first.told).toMatch(/^INTERNAL: .*ended with code 3$/m);
      expect(first.acknowledged).toHaveLength(36);
      expect(found).toEqual(first.acknowledged.sort());
    } else {
      // A query of another build was in flight in the thread: DuckDB's client then ends the process.
      expect(first).toMatchObject({ status: null, signal: 'SIGABRT' });
      expect(found).toEqual(expect.arrayContaining(first.acknowledged));
    }
    const next = ship(dir, 'p2', 1, 0);
    expect(next).toMatchObject({ status: 0, ended: false });
    expect(await idsIn(dir)).toEqual([...found, ...next.acknowledged].sort());
    expect(logsIn(dir)).toBe(1);
    expect(await verifyStore(dir, new AbortController().signal)).toMatchObject({ damage: [], unnamed: [] });
  },
);
