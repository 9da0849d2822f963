import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { storeSink } from '../../../../src/lib/adapters/embedded/write/store-sink.ts';
import { openFileSource } from '../../../../src/lib/adapters/file/file-source.ts';
import { ship } from '../../../../src/lib/app/ship.ts';
import type { Fs } from '../../../../src/lib/buffer/fs.ts';
import type { EventBatch } from '../../../../src/lib/store/store.ts';
import { errno, type FsCall, faultFs } from '../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';
import { CommitLog, EmbeddedWriter, nodeFs, openEmbeddedStore, sealLog } from './built.ts';

/** A disk that is full at one call, the `at`-th of those that `of` takes, and has space again right after. */
function fullOnce(of: (call: FsCall) => boolean, at: number): Fs {
  let calls = 0;
  return faultFs(nodeFs, (call) => {
    if (!of(call)) return;
    calls += 1;
    if (calls === at) throw errno('ENOSPC');
  });
}

function open(dir: string, fs: Fs, rotateFrames = 50_000) {
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  return EmbeddedWriter.open({
    dir,
    fs,
    tell: () => undefined,
    seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
    limits: { rotateFrames },
  });
}

async function messagesIn(dir: string): Promise<string[]> {
  const store = await openEmbeddedStore(dir);
  const found: string[] = [];
  const plan = { filter: { kind: 'all' }, range: {}, clock: { now: 0n, zone: 'UTC' }, order: 'oldest' } as const;
  const report = { scanned: 0, damage: [] };
  for await (const records of store.search(plan, report, new AbortController().signal))
    for (const record of records) found.push(record.message ?? '');
  await store.close();
  return found;
}

/** Where the disk is full, and at which call `ship` meets it in the middle of a file. */
const PLACES: readonly (readonly [string, (call: FsCall) => boolean, number])[] = [
  ['writing', ({ name, path }) => name === 'writev' && path.endsWith('.log'), 3],
  ['syncing', ({ name, path }) => name === 'datasync' && path.endsWith('.log'), 3],
  ['beginning a log file', ({ name, path }) => name === 'open:create' && path.endsWith('.log'), 2],
  ['looking for space', ({ name, path }) => name === 'volume' && path.endsWith('default'), 1],
];

describe('a source that a batch of was not stored', () => {
  const batch = (id: string, n: number): EventBatch => ({
    bytes: Buffer.from(`${id} ${n}\n`),
    lines: 1,
    context: {},
    source: { id, from: n * 10, to: n * 10 + 10, hash: `of ${n * 10 + 10}` },
  });

  /** Whether a batch was refused: a full disk that only an empty frame met is no one's failure. */
  async function refused(of: (call: FsCall) => boolean, at: number): Promise<boolean> {
    const dir = join(temporaryFolder(), 'store');
    const writer = await open(dir, fullOnce(of, at), 3);
    const outcomes: unknown[] = [];
    const appends: Promise<void>[] = [];
    for (let n = 0; n < 40; n += 1) {
      const append = writer.append(batch('torn', n));
      appends.push(
        append.then(
          () => void (outcomes[n] = 'stored'),
          (error: unknown) => void (outcomes[n] = error),
        ),
      );
      // Some wait behind the one that fails, some come when it has failed.
      if (n % 7 === 6) await sleep(1);
    }
    await Promise.all(appends);
    const stored = outcomes.filter((outcome) => outcome === 'stored').length;
    const failure = outcomes[stored];
    expect(outcomes.slice(stored).every((outcome) => outcome === failure)).toBe(true);
    if (failure !== undefined) expect(failure).toMatchObject({ code: 'NO_SPACE' });
    const goesOn = !(await writer.append(batch('other', 0)).catch(() => true));
    await writer.close();
    const next = await open(dir, nodeFs);
    const marks = await next.marks();
    expect(marks.get('torn')?.position ?? 0).toBe(stored * 10);
    expect(marks.get('torn')?.hash).toBe(stored === 0 ? undefined : `of ${stored * 10}`);
    if (goesOn) expect(marks.get('other')?.hash).toBe('of 10');
    for (let n = stored; n < 40; n += 1) await next.append(batch('torn', n));
    await next.close();
    expect((await messagesIn(dir)).filter((text) => text.startsWith('torn'))).toEqual(
      Array.from({ length: 40 }, (_, n) => `torn ${n}`),
    );
    return failure !== undefined;
  }

  it.each(PLACES)('is refused with the same error, batches that waited too: %s', async (_, of) => {
    const tried = [await refused(of, 1), await refused(of, 2), await refused(of, 3)];
    expect(tried).toContain(true);
  });

  it('is shipped on from there: nothing lost, nothing twice, in order', { timeout: 30_000 }, async () => {
    const folder = temporaryFolder();
    const paths = ['a', 'b'].map((name) => join(folder, `${name}.log`));
    const lines = paths.map((path) =>
      Array.from({ length: 2_000 }, (_, n) => `${path.at(-5)} ${n} ${'x'.repeat(1_000)}`),
    );
    for (const [at, path] of paths.entries()) writeFileSync(path, `${(lines[at] ?? []).join('\n')}\n`);
    const shipAll = async (dir: string, fs: Fs) =>
      ship(
        {
          sources: paths.map((name) => ({ name, open: () => openFileSource(name) })),
          read: { encoding: undefined, multiline: 'none', context: {} },
          target: {
            sink: storeSink(await open(dir, fs, 1)),
            claims: { claim: async () => ({ release: async () => undefined }) },
          },
          again: false,
        },
        new AbortController().signal,
      );
    for (const [where, of, at] of PLACES) {
      const dir = join(folder, where);
      await expect(shipAll(dir, fullOnce(of, at)), where).rejects.toMatchObject({ code: 'NO_SPACE' });
      const before = (await messagesIn(dir)).length;
      const { summary } = await shipAll(dir, nodeFs);
      expect(summary.events, where).toBe(4_000 - before);
      const found = await messagesIn(dir);
      for (const [file, path] of paths.entries())
        expect(
          found.filter((text) => text.startsWith(path.slice(-5, -4))),
          `${where} ${path}`,
        ).toEqual(lines[file]);
    }
  });
});
