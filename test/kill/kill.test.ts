import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ReadReport } from '../../src/lib/store/store.ts';
import { temporaryFolder } from '../lib/buffer/temporary-folder.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '..', '..', 'dist');

interface Ended {
  readonly killed: boolean;
  /** Ids of acknowledged events. */
  readonly acknowledged: readonly string[];
  readonly said: string;
}

interface Kill {
  readonly thread: 'main' | 'worker';
  /** The call before which the process is killed. */
  readonly at: number;
}

/** One process that ships; its log files end after some frames and are sealed by the real sealer, in its worker thread. */
function ship(
  dir: string,
  name: string,
  options: { readonly batches: number; readonly frames: number; readonly kill?: Kill },
): Promise<Ended> {
  const { batches, frames, kill } = options;
  const preload = kill === undefined ? [] : ['--import', join(here, 'kill-at.mjs')];
  const env = kill === undefined ? {} : { KILL_THREAD: kill.thread, KILL_AT: String(kill.at) };
  const given = [...preload, join(here, 'child.mjs'), dist, dir, name, String(batches), String(frames)];
  const child = spawn(process.execPath, given, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0) reject(new Error(`${name} ended with ${code}: ${said}`));
      else resolve({ killed: signal === 'SIGKILL', acknowledged: out.split('\n').filter((id) => id !== ''), said });
    });
  });
}

/** The ids of all events in a store, as a search gives them. */
async function idsIn(dir: string): Promise<string[]> {
  const { openEmbeddedStore } = await import(join(dist, 'lib/adapters/embedded/embedded-store.js'));
  const store = await openEmbeddedStore(dir);
  const report: ReadReport = { scanned: 0, damage: [] };
  const ids: string[] = [];
  const plan = {
    filter: { kind: 'all' },
    range: {},
    clock: { now: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' },
    order: 'oldest',
  };
  for await (const page of store.search(plan, report, new AbortController().signal)) {
    for (const record of page) ids.push(record.fields.id);
  }
  await store.close();
  expect(report.damage).toEqual([]);
  return ids;
}

/** Nothing acknowledged is missing, nothing is there twice, and nothing is there that was not sent. */
function check(ids: readonly string[], acknowledged: ReadonlySet<string>, where: string): void {
  const found = new Set(ids);
  expect(
    [...acknowledged].filter((id) => !found.has(id)),
    `lost ${where}`,
  ).toEqual([]);
  expect(ids.length - found.size, `twice ${where}`).toBe(0);
  expect(
    ids.filter((id) => !/^[mwp]\d+\.\d+\.\d$/.test(id)),
    `foreign ${where}`,
  ).toEqual([]);
}

interface Shape {
  readonly thread: Kill['thread'];
  readonly batches: number;
  readonly frames: number;
}

/**
 * Kills one process after the other on one store, each before a later call than the last; each finds what those before
 * it left. A shape of process is done with when it ends before it comes to the call; then the next shape takes over.
 */
async function sweep(kills: number, shapes: readonly Shape[]): Promise<void> {
  const dir = join(temporaryFolder(), 'store');
  const acknowledged = new Set<string>();
  let killed = 0;
  for (let run = 0, at = 1; killed < kills; run += 1, at += 1) {
    const shape = shapes[0];
    if (shape === undefined) throw new Error(`only ${killed} kills`);
    const name = `${shape.thread[0]}${run}`;
    const ended = await ship(dir, name, { ...shape, kill: { thread: shape.thread, at } });
    for (const id of ended.acknowledged) acknowledged.add(id);
    if (ended.killed) killed += 1;
    else {
      shapes = shapes.slice(1);
      at = 0;
    }
    if (killed % 20 === 0 && existsSync(join(dir, 'default', 'commits')))
      check(await idsIn(dir), acknowledged, `after ${name} at ${at}`);
  }
  const last = await ship(dir, 'p0', { batches: 4, frames: 3 });
  for (const id of last.acknowledged) acknowledged.add(id);
  expect(last.acknowledged.length).toBe(12);
  expect(last.said).toBe('');
  check(await idsIn(dir), acknowledged, 'at the end');
}

describe('kill -9', () => {
  const shape = (thread: Kill['thread'], batches: number, frames: number): Shape => ({ thread, batches, frames });

  it('200 times, over append, sync, rotate, seal, rename, commit, unlink: nothing acknowledged is lost, nothing twice', {
    timeout: 240_000,
  }, async () => {
    await Promise.all([
      sweep(100, [shape('main', 4, 3), shape('main', 3, 2), shape('main', 9, 4), shape('main', 9, 2)]),
      sweep(100, [
        shape('worker', 4, 3),
        shape('worker', 3, 2),
        shape('main', 3, 100),
        shape('main', 3, 2),
        shape('main', 9, 2),
      ]),
    ]);
  });
});

describe('processes at once', () => {
  it('eight on one store, four of them killed: nothing acknowledged is lost, nothing twice', {
    timeout: 120_000,
  }, async () => {
    const dir = join(temporaryFolder(), 'store');
    const kills: (Kill | undefined)[] = [undefined, 20, undefined, 35, undefined, 50, undefined, 65].map((at) =>
      at === undefined ? undefined : { thread: 'main', at },
    );
    const ended = await Promise.all(
      kills.map((kill, n) => ship(dir, `p${n}`, { batches: 20, frames: 15, ...(kill === undefined ? {} : { kill }) })),
    );
    expect(ended.filter(({ killed }) => killed).length).toBe(4);
    const last = await ship(dir, 'p9', { batches: 1, frames: 3 });
    const acknowledged = new Set([...ended, last].flatMap((one) => one.acknowledged));
    expect(acknowledged.size).toBeGreaterThanOrEqual(4 * 60);
    check(await idsIn(dir), acknowledged, 'at the end');
  });
});
