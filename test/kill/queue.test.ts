import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDiskQueue } from '../../src/lib/adapters/queue/disk-queue.ts';
import { temporaryFolder } from '../lib/buffer/temporary-folder.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '..', '..', 'dist');

interface Ended {
  readonly killed: boolean;
  readonly acknowledged: readonly string[];
  /** Events in the order they were delivered, with their log ids. */
  readonly delivered: readonly (readonly [id: string, logId: string])[];
  readonly said: string;
}

/** One process on a queue, killed before a call to the file system, or not. */
function work(dir: string, name: string, batches: number, killAt?: number): Promise<Ended> {
  const preload = killAt === undefined ? [] : ['--import', join(here, 'kill-at.mjs')];
  const env = killAt === undefined ? {} : { KILL_THREAD: 'main', KILL_AT: String(killAt) };
  const given = [...preload, join(here, 'queue-child.mjs'), dist, dir, name, String(batches)];
  const child = spawn(process.execPath, given, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0) {
        reject(new Error(`${name} ended with ${code}: ${said}`));
        return;
      }
      const lines = out.split('\n').map((line) => line.split(' '));
      const acknowledged = lines.flatMap(([kind, id]) => (kind === 'A' && id !== undefined ? [id] : []));
      const delivered = lines.flatMap(([kind, id, logId]): [string, string][] =>
        kind === 'D' && id !== undefined && logId !== undefined ? [[id, logId]] : [],
      );
      resolve({ killed: signal === 'SIGKILL', acknowledged, delivered, said });
    });
  });
}

/** What every event went through, whoever had it. */
class Oracle {
  readonly acknowledged = new Set<string>();
  readonly ids = new Map<string, string>();
  readonly order = new Map<string, string[]>();
  repeated = 0;

  hear({ acknowledged, delivered }: Ended): void {
    for (const id of acknowledged) this.acknowledged.add(id);
    for (const [id, logId] of delivered) {
      const before = this.ids.get(id);
      if (before === undefined) {
        this.ids.set(id, logId);
        const [name = ''] = id.split('.');
        this.order.set(name, [...(this.order.get(name) ?? []), id]);
      } else {
        expect(logId, `${id} under another id`).toBe(before);
        this.repeated += 1;
      }
    }
  }

  /** Everything acknowledged was delivered, in the order of its source, each event under one id and no two under the same. */
  check(): void {
    expect([...this.acknowledged].filter((id) => !this.ids.has(id))).toEqual([]);
    expect(new Set(this.ids.values()).size).toBe(this.ids.size);
    for (const ids of this.order.values()) expect(ids).toEqual([...ids].sort(byNumbers));
  }
}

function byNumbers(a: string, b: string): number {
  const [, x = 0, y = 0] = a.split('.').map(Number);
  const [, z = 0, w = 0] = b.split('.').map(Number);
  return x - z || y - w;
}

describe('kill -9 of a process with a queue', () => {
  it('80 times, over append, sync, rotate, checkpoint, delete, adopt: nothing acknowledged is lost, ids stay', {
    timeout: 120_000,
  }, async () => {
    const oracles = await Promise.all(
      [1, 3].map(async (first) => {
        const dir = join(temporaryFolder(), 'queue');
        const oracle = new Oracle();
        let kills = 0;
        for (let run = 0, at = first; kills < 40; run += 1, at += 5) {
          const ended = await work(dir, `k${run}`, 6, at);
          oracle.hear(ended);
          if (ended.killed) kills += 1;
          else at = first;
        }
        const last = await work(dir, 'last', 2);
        oracle.hear(last);
        expect(last.said).toBe('');
        oracle.check();
        const queue = await openDiskQueue({ dir, tell: (problem) => expect.fail(problem.message) });
        const marks = await queue.marks();
        for (const id of oracle.acknowledged) {
          const [name = '', batch = 0] = id.split('.');
          // Every batch of a source has as many bytes as its number has more digits: all have one.
          expect(marks.get(name)?.position, id).toBeGreaterThanOrEqual((Number(batch) + 1) * 3 * (id.length + 1));
        }
        expect(queue.depth().events).toBe(0);
        await queue.close();
        for (const writer of readdirSync(join(dir, 'log'))) {
          // A folder that nobody had come to claim yet stays for a minute.
          expect(readdirSync(join(dir, 'log', writer)).filter((file) => !file.startsWith('tmp-'))).toEqual([]);
        }
        expect(existsSync(join(dir, 'quarantine'))).toBe(false);
        return oracle;
      }),
    );
    expect(Math.min(...oracles.map(({ acknowledged }) => acknowledged.size))).toBeGreaterThan(100);
  });

  it('six at once on one queue, three of them killed: nothing acknowledged is lost', { timeout: 60_000 }, async () => {
    const dir = join(temporaryFolder(), 'queue');
    const oracle = new Oracle();
    const kills = [undefined, 30, undefined, 60, undefined, 90];
    const ended = await Promise.all(kills.map((at, n) => work(dir, `p${n}`, 20, at)));
    expect(ended.filter(({ killed }) => killed).length).toBe(3);
    // Who died first may have been taken over while others ran.
    for (const one of ended) oracle.hear(one);
    oracle.hear(await work(dir, 'last', 1));
    expect([...oracle.acknowledged].filter((id) => !oracle.ids.has(id))).toEqual([]);
    expect(oracle.acknowledged.size).toBeGreaterThanOrEqual(3 * 60 + 3);
    expect(readdirSync(join(dir, 'log'))).toEqual([]);
  });
});
