import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../../../src/lib/adapters/file/file-source.ts';
import { openFileStore } from '../../../../src/lib/adapters/file/file-store.ts';
import { LogsError } from '../../../../src/lib/errors.ts';
import type { ReadReport } from '../../../../src/lib/store/store.ts';

const START = Date.UTC(2026, 0, 5);
const FILES = 20;
/** More than one file's share of the window holds. */
const LINES = 3000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-many-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Files whose lines are a second apart, each file `apart` milliseconds behind the one before; the third is gzip. */
async function writeFiles(name: string, apart: number): Promise<string[]> {
  const paths: string[] = [];
  for (let file = 0; file < FILES; file++) {
    const path = join(folder, `${name}-${file}.log`);
    const line = (n: number) => {
      const time = new Date(START + file * apart + n * 1000).toISOString();
      return n % 100 === 7 ? `${time} ERROR x\n\tat a.B(C.java:${n})\n` : `${time} INFO ${file} ${n}\n`;
    };
    const text = Array.from({ length: LINES }, (_, n) => line(n)).join('');
    await writeFile(path, file === 2 ? gzipSync(text) : text);
    paths.push(path);
  }
  return paths;
}

/** Searches files of which no more than `most` may be open at once. */
async function search(paths: readonly string[], most: number, each: () => Promise<void> = async () => undefined) {
  let open = 0;
  let peak = 0;
  const inputs = paths.map((name) => ({
    name,
    async open(readSize?: number) {
      if (open >= most) throw new LogsError('TOO_MANY_FILES', `cannot open ${name}: too many files are open`);
      open += 1;
      peak = Math.max(peak, open);
      const source = await openFileSource(name, readSize);
      return { ...source, close: () => source.close().then(() => void (open -= 1)) };
    },
  }));
  const report: ReadReport = { scanned: 0, damage: [] };
  const plan = {
    filter: { kind: 'all' as const },
    clock: { now: 0n, zone: 'UTC' },
    range: {},
    order: 'oldest' as const,
  };
  const times: bigint[] = [];
  const ids = new Set<string>();
  for await (const records of openFileStore(inputs).search(plan, report, new AbortController().signal)) {
    for (const { ts, log_id } of records) {
      times.push(ts);
      ids.add(log_id);
    }
    await each();
  }
  return { times, ids, report, peak, left: open };
}

const isSorted = (times: readonly bigint[]) => times.every((time, n) => n === 0 || (times[n - 1] ?? 0n) <= time);

describe('a search of many files', () => {
  it('has open only those whose time has come', async () => {
    const { times, ids, report, peak, left } = await search(await writeFiles('after', LINES * 1000), FILES);
    expect(report).toEqual({ scanned: FILES * LINES, damage: [] });
    expect({ given: times.length, unlike: ids.size }).toEqual({ given: FILES * LINES, unlike: FILES * LINES });
    expect(isSorted(times)).toBe(true);
    expect({ peak, left }).toEqual({ peak: 1, left: 0 });
  });

  it('gives every event once and in order where more overlap than may be open', async () => {
    const { times, ids, report, peak, left } = await search(await writeFiles('over', 7), 6);
    expect(report).toEqual({ scanned: FILES * LINES, damage: [] });
    expect({ given: times.length, unlike: ids.size }).toEqual({ given: FILES * LINES, unlike: FILES * LINES });
    expect(isSorted(times)).toBe(true);
    expect({ peak, left }).toEqual({ peak: 6, left: 0 });
  });

  it('tells of a file that is another one when it is opened again', async () => {
    const paths = await writeFiles('rotated', 7);
    const first = paths[0] ?? '';
    let moved = false;
    const { report } = await search(paths, 6, async () => {
      if (moved) return;
      moved = true;
      await rename(first, `${first}.1`);
      await writeFile(first, 'new\n');
    });
    expect(report.damage.map(({ where }) => where)).toEqual([first]);
    expect(report.damage[0]?.what).toContain('another file has taken its name');
  });
});
