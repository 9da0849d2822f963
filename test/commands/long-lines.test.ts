import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommitLog, EmbeddedWriter, nodeFs, restSeals, sealLog } from '../lib/adapters/embedded/built.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const peak = join(import.meta.dirname, 'peak-memory.mjs');
const folder = mkdtempSync(join(tmpdir(), 'logs-long-'));
const store = join(folder, 'store');
const tenantDir = join(store, 'default');
afterAll(() => rmSync(folder, { recursive: true }));

const SEGMENTS = 12;
const LINES = 24;

function logs(...args: string[]) {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: store };
  const done = spawnSync(process.execPath, ['--import', peak, bin, ...args], { encoding: 'utf8', env, input: '' });
  const [, kib] = /^peak (\d+)$/m.exec(done.stderr) ?? [];
  return {
    output: done.stdout,
    error: done.stderr.replace(/^peak \d+\n/m, ''),
    exit: done.status,
    peakMb: Math.round(Number(kib) / 1024),
  };
}

/** 288 lines of a million bytes, in segments of 24. */
beforeAll(async () => {
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1);
  const words = Array.from({ length: 2000 }, () => next().toString(36));
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const lines = Array.from({ length: LINES }, (_, line) => {
      const start = `{"@timestamp":"2026-01-02T10:${String(segment).padStart(2, '0')}:${String(line).padStart(2, '0')}Z"`;
      const some = Array.from({ length: 100 }, () => words[(next() >>> 8) % words.length]).join(' ');
      return `${start},"message":"${`${some} `.repeat(2000).slice(0, 999_000)}"}\n`;
    });
    const commitLog = new CommitLog(nodeFs, tenantDir);
    const writer = await EmbeddedWriter.open({
      dir: store,
      tell: (problem) => expect.fail(problem.message),
      seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
      restSeals,
      limits: { sealAtCloseBytes: 0 },
    });
    await writer.append({ bytes: Buffer.from(lines.join('')), lines: LINES, context: {} });
    await writer.close();
  }
}, 60_000);

it('lines of a megabyte are merged in memory that does not grow with them, and verified', { timeout: 120_000 }, () => {
  const compacted = logs('store', 'compact');
  expect(compacted).toMatchObject({ exit: 0, error: '', output: expect.stringContaining('default: 1 segment') });
  expect(compacted.peakMb).toBeLessThan(850);
  const verified = logs('store', 'verify');
  expect(verified).toMatchObject({ exit: 0, error: '', output: expect.stringContaining('288 events in 1 segment') });
  expect(verified.peakMb).toBeLessThan(600);
});
