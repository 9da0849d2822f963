import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dropStore } from '../../src/lib/adapters/embedded/upkeep/drop-store.ts';
import { MOST_BYTES, planCompaction } from '../../src/lib/adapters/embedded/compact/plan.ts';
import { listSegmentFiles } from '../../src/lib/adapters/embedded/segment/segment-files.ts';
import type { ReadReport } from '../../src/lib/store/store.ts';
import {
  CommitLog,
  EmbeddedWriter,
  nodeFs,
  openEmbeddedStore,
  restSeals,
  sealLog,
} from '../lib/adapters/embedded/built.ts';
import { temporaryFolder } from '../lib/buffer/temporary-folder.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '..', '..', 'dist');

interface Shape {
  readonly what: 'compact' | 'race' | 'ship';
  readonly thread: 'main' | 'worker';
  /** The first call to be killed before, and how many further on the next. */
  readonly from: number;
  readonly step: number;
}

/** One process that looks after the store, killed before a call to the file system; gives what it acknowledged. */
function run(dir: string, what: Shape['what'], name: string, kill?: { thread: Shape['thread']; at: number }) {
  const preload = kill === undefined ? [] : ['--import', join(here, 'kill-at.mjs')];
  const env = kill === undefined ? {} : { KILL_THREAD: kill.thread, KILL_AT: String(kill.at) };
  const given = [...preload, join(here, 'compact-child.mjs'), dist, dir, what, name];
  const child = spawn(process.execPath, given, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (said += text));
  return new Promise<{ killed: boolean; acknowledged: string[] }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== 'SIGKILL' && (code !== 0 || said !== '')) reject(new Error(`${name} ended with ${code}: ${said}`));
      else resolve({ killed: signal === 'SIGKILL', acknowledged: out.split('\n').filter((id) => id !== '') });
    });
  });
}

/** A store, and what was acknowledged of it. */
class Tended {
  readonly dir = join(temporaryFolder(), 'store');
  readonly tenantDir = join(this.dir, 'default');
  readonly acknowledged = new Set<string>();
  readonly #commitLog = new CommitLog(nodeFs, this.tenantDir);
  #batches = 0;

  /** Makes that many segments, of yesterday's and of today's events. */
  async addSegments(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const batch = this.#batches++;
      const writer = await EmbeddedWriter.open({
        dir: this.dir,
        tell: (problem) => expect.fail(problem.message),
        seal: (log) => sealLog({ fs: nodeFs, tenantDir: this.tenantDir, commitLog: this.#commitLog, log }),
        restSeals,
        limits: { sealAtCloseBytes: 0 },
      });
      const ids = Array.from({ length: 5 }, (_, line) => `w${batch}.0.${line}`);
      const time = (line: number): string => new Date(Date.now() - (line % 2) * 86_400_000).toISOString();
      const text = ids.map((id, line) => `${JSON.stringify({ time: time(line), id, message: `event ${id}` })}\n`);
      await writer.append({ bytes: Buffer.from(text.join('')), lines: ids.length, context: { service: `s${batch}` } });
      for (const id of ids) this.acknowledged.add(id);
      await writer.close();
    }
  }

  async segments(): Promise<number> {
    return (await this.#commitLog.fold()).segments.size;
  }

  /** Everything acknowledged is found, once. */
  async check(where: string): Promise<void> {
    const before = [...this.acknowledged];
    const store = await openEmbeddedStore(this.dir);
    const report: ReadReport = { scanned: 0, damage: [] };
    const plan = { filter: { kind: 'all' }, range: {}, clock: { now: 0n, zone: 'UTC' }, order: 'oldest' } as const;
    const ids: string[] = [];
    for await (const page of store.search(plan, report, new AbortController().signal))
      for (const { fields } of page) ids.push(String(fields.id));
    await store.close();
    expect(report.damage, where).toEqual([]);
    const found = new Set(ids);
    expect(
      before.filter((id) => !found.has(id)),
      `lost ${where}`,
    ).toEqual([]);
    expect(ids.length - found.size, `twice ${where}`).toBe(0);
  }

  /** Files of segments, those not yet whole included, that no commit names. */
  async unnamed(): Promise<string[]> {
    const { segments, removedAt } = await new CommitLog(nodeFs, this.tenantDir).foldAll();
    const files = await listSegmentFiles(nodeFs, this.tenantDir);
    return files
      .filter(({ day, name, whole }) => !whole || !(segments.has(`${day}/${name}`) || removedAt.has(`${day}/${name}`)))
      .map(({ path }) => path);
  }
}

/** Kills one process after the other on one store; those of a shape are done with when one ends before its call comes. */
async function sweepKills(shapes: readonly Shape[]): Promise<{ readonly kills: number; readonly left: number }> {
  const tended = new Tended();
  let kills = 0;
  let left = 0;
  for (const { what, thread, from, step } of shapes) {
    // While a day goes on, four are merged; all that is asked for, two.
    const enough = what === 'ship' ? 4 : 2;
    for (let at = from; ; at += step) {
      // Each has events of two days.
      if ((await tended.segments()) < 2 * enough) await tended.addSegments(enough);
      const { killed, acknowledged } = await run(tended.dir, what, `k${kills}`, { thread, at });
      for (const id of acknowledged) tended.acknowledged.add(id);
      if (!killed) break;
      kills += 1;
      left = Math.max(left, (await tended.unnamed()).length);
      if (kills % 4 === 0) await tended.check(`after ${what} killed at ${at} of ${thread}`);
    }
    await tended.check(`after ${what} killed in ${thread}`);
  }
  await run(tended.dir, 'compact', 'last');
  await tended.check('at the end');
  expect(await tended.unnamed()).toEqual([]);
  const { segments } = await new CommitLog(nodeFs, tended.tenantDir).fold();
  expect(planCompaction(segments.values(), { want: 'all', most: MOST_BYTES, now: Date.now() })).toEqual([]);
  return { kills, left };
}

describe('kill -9 in upkeep', () => {
  it('before two thirds of all calls of a compaction, some of a ship with upkeep: nothing lost, nothing twice, no file left', {
    timeout: 300_000,
  }, async () => {
    const swept = await Promise.all([
      sweepKills([
        { what: 'compact', thread: 'main', from: 1, step: 3 },
        { what: 'ship', thread: 'main', from: 20, step: 5 },
      ]),
      sweepKills([
        { what: 'compact', thread: 'worker', from: 1, step: 1 },
        { what: 'compact', thread: 'main', from: 2, step: 3 },
      ]),
    ]);
    expect(swept.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(30);
    // The kills did leave files that had to be swept.
    expect(Math.max(...swept.map(({ left }) => left))).toBeGreaterThan(0);
  });
});

describe('processes at once', () => {
  it('four that compact the same, three that ship and one that drops: nothing lost, nothing twice, then nothing left', {
    timeout: 120_000,
  }, async () => {
    const tended = new Tended();
    await tended.addSegments(6);
    let working = true;
    const reading = (async () => {
      for (let looks = 0; working; looks++) await tended.check(`at look ${looks}`);
    })();
    const compactors = Promise.all([
      run(tended.dir, 'race', 'a'),
      run(tended.dir, 'race', 'b'),
      run(tended.dir, 'race', 'c'),
      run(tended.dir, 'compact', 'd'),
    ]);
    const shippers = ['p', 'q', 'r'].map(async (name) => {
      for (let n = 0; n < 3; n++) {
        const { acknowledged } = await run(tended.dir, 'ship', `${name}${n}`);
        for (const id of acknowledged) tended.acknowledged.add(id);
      }
    });
    const sealing = tended.addSegments(6);
    const done = await compactors;
    await Promise.all([...shippers, sealing]);
    working = false;
    await reading;
    await tended.check('at the end');
    expect(tended.acknowledged.size).toBe(12 * 5 + 9 * 3);
    const first = done.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    expect(first).toBeGreaterThan(0);
    // Of those that lost a race nothing is left; those that were beaten to it had to delete what they had built.
    expect(await tended.unnamed()).toEqual([]);

    await tended.addSegments(4);
    const compacting = run(tended.dir, 'compact', 'e').catch((error: unknown) => String(error));
    const dropped = await drop(tended.dir);
    const ended = await compacting;
    if (typeof ended === 'string') expect(ended).toMatch(/NOT_FOUND|is gone|there is no/);
    if (dropped) expect(existsSync(tended.tenantDir)).toBe(false);
    else await tended.check('after a drop that was refused');
  });
});

/** Drops the store, or is refused because someone is at work in it: false then. */
async function drop(dir: string): Promise<boolean> {
  try {
    await dropStore(dir);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_BUSY' });
    return false;
  }
}
