import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommitLog } from '../../../../../src/lib/adapters/embedded/commits/commit-log.ts';
import { noteCommit, notedCommit } from '../../../../../src/lib/adapters/embedded/commits/commit-note.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { errno, faultFs } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const NOTHING = { added: [], removed: [], consumed: [], positions: [] };
let tenant = '';
const pad = (number: number): string => String(number).padStart(20, '0');
const names = (): string[] => readdirSync(join(tenant, 'log')).sort();

beforeEach(() => {
  tenant = temporaryFolder();
  mkdirSync(join(tenant, 'commits'));
});

describe('the note of the newest commit', () => {
  it('is one name, which only rises, whoever writes it in whatever order', async () => {
    expect(await notedCommit(nodeFs, tenant)).toBe(0);
    const numbers = Array.from({ length: 40 }, (_, n) => ((n * 17) % 40) + 1);
    await Promise.all(numbers.map((number) => noteCommit(nodeFs, tenant, number)));
    expect(await notedCommit(nodeFs, tenant)).toBe(40);
    await noteCommit(nodeFs, tenant, 7);
    await noteCommit(nodeFs, tenant, 41);
    expect(names()).toEqual([`committed.${pad(41)}`]);
  });

  it('is never above a commit that may get lost: nothing is noted of one whose name was not synced', async () => {
    let failing = true;
    const fs = faultFs(nodeFs, ({ name, path }) => {
      if (failing && name === 'syncFolder' && path.endsWith('commits')) throw errno('EIO');
    });
    const log = new CommitLog(fs, tenant);
    await expect(log.commit(await log.fold(), NOTHING)).rejects.toMatchObject({ code: expect.any(String) });
    expect(await notedCommit(nodeFs, tenant)).toBe(0);
    // Whoever deletes by it syncs it first.
    await expect(log.settle(await log.fold())).rejects.toMatchObject({ code: expect.any(String) });
    expect(await notedCommit(nodeFs, tenant)).toBe(0);
    failing = false;
    await log.settle(await log.fold());
    expect(await notedCommit(nodeFs, tenant)).toBe(1);
  });

  it('makes commits that are gone missed, for reading and for writing, until they are back', async () => {
    const log = new CommitLog(nodeFs, tenant);
    for (let n = 0; n < 3; n++) await log.commit(await log.fold(), NOTHING);
    expect(names()).toEqual([`committed.${pad(3)}`]);
    const path = join(tenant, 'commits', `${pad(3)}.json`);
    const bytes = await nodeFs.readFile(path);
    await nodeFs.unlink(path);
    const other = new CommitLog(nodeFs, tenant);
    await expect(other.fold()).rejects.toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining('3') });
    const { damage } = await other.foldReadable();
    expect(damage).toEqual([{ where: join(tenant, 'commits'), what: expect.stringContaining('commit 3 is missing') }]);
    writeFileSync(path, bytes);
    expect((await other.foldReadable()).damage).toEqual([]);
    expect((await other.fold()).number).toBe(3);
  });

  it('raises no alarm while many commit, fold checkpoints and read', { timeout: 30_000 }, async () => {
    let working = true;
    const readers = [0, 1].map(async () => {
      let folds = 0;
      for (; working; folds++) expect((await new CommitLog(nodeFs, tenant).foldReadable()).damage).toEqual([]);
      return folds;
    });
    const writers = [0, 1, 2].map(async () => {
      const log = new CommitLog(nodeFs, tenant);
      for (let n = 0; n < 30; n++) await log.commit(await log.fold(), NOTHING);
    });
    await Promise.all(writers);
    working = false;
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(5);
    expect(names()).toEqual([`committed.${pad(90)}`]);
  });
});
