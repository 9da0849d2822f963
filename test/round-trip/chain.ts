import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { parseQuery } from '../../src/lib/query/parse.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';
import type { LogStore, ReadReport } from '../../src/lib/store/store.ts';
import {
  CommitLog,
  EmbeddedWriter,
  nodeFs,
  openEmbeddedStore,
  sealLog,
  verifyStore,
} from '../lib/adapters/embedded/built.ts';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** A folder with a store in it, used through the command line as a person would. */
export class Chain {
  readonly folder = mkdtempSync(join(tmpdir(), 'logs-chain-'));
  readonly store = join(this.folder, 'store');

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs `logs …` in the folder; gives what it wrote and its exit code. */
  run(args: readonly string[], input: Buffer | string = ''): { code: number | null; out: Buffer; err: string } {
    const done = spawnSync(process.execPath, [RUN, ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, TZ: 'UTC', HOME: this.folder, LOGS_STORE: this.store },
      input,
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: done.status, out: done.stdout, err: done.stderr.toString() };
  }

  ship(args: readonly string[], input: Buffer | string = ''): void {
    const { code, err } = this.run(['ship', ...args], input);
    expect({ code, err }).toMatchObject({ code: 0 });
  }

  /** Moves everything out of the log files into segments. */
  async seal(): Promise<void> {
    const tenantDir = join(this.store, 'default');
    const commitLog = new CommitLog(nodeFs, tenantDir);
    const tell = (problem: Error): never => {
      throw problem;
    };
    const writer = await EmbeddedWriter.open({
      dir: this.store,
      tell,
      seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
      limits: { sealAtCloseBytes: 0 },
    });
    await writer.close();
    const verified = await verifyStore(this.store, new AbortController().signal);
    expect(verified.damage).toEqual([]);
    expect(verified.segments).toBeGreaterThan(0);
  }

  /** Events that a query finds, in the order they were taken in. */
  async find(query: string): Promise<LogRecord[]> {
    const store = await openEmbeddedStore(this.store);
    try {
      return (await findIn(store, query)).sort((a, b) => (a.log_id < b.log_id ? -1 : 1));
    } finally {
      await store.close();
    }
  }

  /** Opens the store for many queries. */
  open(): ReturnType<typeof openEmbeddedStore> {
    return openEmbeddedStore(this.store);
  }
}

export async function findIn(store: LogStore, query: string): Promise<LogRecord[]> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const plan = {
    filter: parseQuery(query).filter,
    range: {},
    clock: { now: 1_700_000_000_000_000_000n, zone: 'UTC' },
    order: 'oldest',
  } as const;
  const found: LogRecord[] = [];
  for await (const batch of store.search(plan, report, new AbortController().signal)) found.push(...batch);
  expect(report.damage).toEqual([]);
  return found;
}

/** The bytes of events, each ended by LF. */
export function bytesOf(records: readonly LogRecord[]): Buffer {
  return Buffer.concat(records.flatMap(({ raw }) => [Buffer.from(raw), LF]));
}

const LF = Buffer.from('\n');

/** A text as the store must give it back: empty lines are no events, and the last line is ended. */
export function kept(bytes: Buffer): Buffer {
  return Buffer.concat(linesOf(bytes).flatMap((line) => [line, LF]));
}

/** The lines that are not empty, in order. */
export function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    const line = bytes.subarray(from, end === -1 ? bytes.length : end);
    if (line.length > 0) lines.push(line);
    from = end === -1 ? bytes.length : end + 1;
  }
  return lines;
}

/** As a multiset: where order is that of times, only the lines must be the same. */
export function sorted(lines: readonly Buffer[]): string[] {
  return lines.map((line) => line.toString('latin1')).sort();
}

/** A text as a quoted value of a query. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
