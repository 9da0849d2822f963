import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';
import { CommitLog, EmbeddedWriter, nodeFs, openEmbeddedStore, verifyStore } from './built.ts';

const root = join(import.meta.dirname, '../../../..');
const clock = { now: 0n, zone: 'UTC' };

/** A script of the tests, over the compiled store. With `killAfter` it is killed once it printed so many lines. */
async function run(
  script: string,
  args: readonly (string | number)[],
  heard: (line: string) => void,
  killAfter = Number.POSITIVE_INFINITY,
): Promise<void> {
  const child = spawn(process.execPath, [join(root, script), join(root, 'dist'), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let rest = '';
  let said = '';
  let lines = 0;
  child.stderr.on('data', (text) => (said += text));
  child.stdout.on('data', (text) => {
    const parts = `${rest}${text}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) heard(line);
    lines += parts.length;
    if (lines >= killAfter) child.kill('SIGKILL');
  });
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  if (signal !== 'SIGKILL') expect({ code, said }).toEqual({ code: 0, said: '' });
}

it('commits of processes at once all count, each range of frames for one of them', async () => {
  const tenant = temporaryFolder();
  mkdirSync(join(tenant, 'commits'));
  // Of log files that are gone it is forgotten after ten minutes that they were consumed.
  mkdirSync(join(tenant, 'log', '0123456789ab'), { recursive: true });
  for (let n = 0; n < 48; n += 1) writeFileSync(join(tenant, 'log', '0123456789ab', `1-${n}.log`), '');
  const committed: string[] = [];
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(
    names.map((name) =>
      run('test/lib/adapters/embedded/commit-child.mjs', [tenant, name, 48], (line) => void committed.push(line)),
    ),
  );
  const state = await new CommitLog(nodeFs, tenant).fold();
  expect(state.number).toBe(4 * 48);
  expect([...state.segments.keys()].sort()).toEqual(
    names.flatMap((name) => Array.from({ length: 48 }, (_, n) => `2026.01.02/${name}-${n}`)).sort(),
  );
  const ranges = committed.flatMap((line) => line.split(' ')[1] ?? []);
  expect(ranges.sort()).toEqual(Array.from({ length: 48 }, (_, n) => `1-${n}.log`).sort());
});

async function idsIn(dir: string): Promise<string[]> {
  const store = await openEmbeddedStore(dir);
  const ids: string[] = [];
  const report: ReadReport = { scanned: 0, damage: [] };
  const plan = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' } as const;
  for await (const batch of store.search(plan, report, new AbortController().signal))
    for (const { fields } of batch) ids.push(String(fields.id));
  await store.close();
  expect(report.damage).toEqual([]);
  return ids;
}

it('what others ship, seal and are killed at is followed and found, all of it, once', { timeout: 30_000 }, async () => {
  const dir = join(temporaryFolder(), 'store');
  const seal = (): Promise<never> => Promise.reject(new Error('nothing to seal'));
  await (await EmbeddedWriter.open({ dir, seal, tell: (problem) => expect.fail(problem.message) })).close();
  const store = await openEmbeddedStore(dir);
  const controller = new AbortController();
  const followed: string[] = [];
  const following = (async () => {
    const damaged = ({ what }: { readonly what: string }): void => expect.fail(what);
    for await (const batch of store.follow({ filter: { kind: 'all' }, clock }, damaged, controller.signal))
      for (const { fields } of batch) followed.push(String(fields.id));
  })();
  await new Promise((resolve) => setTimeout(resolve, 100));

  const acknowledged: string[] = [];
  let shipping = true;
  let looks = 0;
  const searching = (async () => {
    while (shipping) {
      const before = acknowledged.length;
      const ids = await idsIn(dir);
      const found = new Set(ids);
      expect(found.size).toBe(ids.length);
      expect(acknowledged.slice(0, before).filter((id) => !found.has(id))).toEqual([]);
      looks += 1;
    }
  })();
  const ship = (name: string, batches: number, killAfter?: number): Promise<void> =>
    run('test/kill/child.mjs', [dir, name, batches, 3], (line) => void acknowledged.push(line), killAfter);
  const one = async (name: string): Promise<void> => {
    // Two are killed at some batch, between frames and seals; the last one seals what they left.
    await ship(`${name}1`, 40, 20);
    await ship(`${name}2`, 40, 47);
    await ship(`${name}3`, 14);
  };
  await Promise.all([one('p'), one('q')]);
  shipping = false;
  await searching;
  const whole = (await idsIn(dir)).sort();
  expect(acknowledged.length).toBeGreaterThan(200);
  expect(looks).toBeGreaterThan(2);
  expect(acknowledged.filter((id) => !whole.includes(id))).toEqual([]);
  await expect.poll(() => followed.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(whole.length);
  controller.abort();
  await following;
  await store.close();
  expect(followed.sort()).toEqual(whole);
  expect((await verifyStore(dir, new AbortController().signal)).damage).toEqual([]);
});
