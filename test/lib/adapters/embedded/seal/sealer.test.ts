import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fs } from '../../../../../src/lib/buffer/fs.ts';
import type { LogsError } from '../../../../../src/lib/errors.ts';
import { errno, faultFs } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';
import { CommitLog, EmbeddedWriter, nodeFs, restSeals, sealLog, verifyStore } from '../built.ts';

const NOTHING = new AbortController().signal;
let dir = '';
let tenantDir = '';
let told: LogsError[] = [];

beforeEach(() => {
  dir = join(temporaryFolder(), 'store');
  tenantDir = join(dir, 'default');
  told = [];
});

/** One event, sealed when the writer leaves, with the commits of another file system. */
async function ship(text: string, fs: Fs = nodeFs): Promise<void> {
  const commitLog = new CommitLog(fs, tenantDir);
  const writer = await EmbeddedWriter.open({
    dir,
    tell: (problem) => void told.push(problem),
    seal: (log) => sealLog({ fs, tenantDir, commitLog, log }),
    restSeals,
    limits: { sealAtCloseBytes: 0 },
  });
  await writer.append({ bytes: Buffer.from(`${text}\n`), lines: 1, context: {} });
  await writer.close();
}

function segmentFiles(): string[] {
  const days = readdirSync(tenantDir).filter((name) => /^\d{4}\./.test(name));
  return days.flatMap((day) => readdirSync(join(tenantDir, day)));
}

const isCommit = (path: string): boolean => /commits\/\d{20}\.json$/.test(path);

describe('a seal whose commit fails', () => {
  it('leaves no file behind when the commit cannot have counted', async () => {
    const full = faultFs(nodeFs, ({ name, path }) => {
      if (name === 'link' && isCommit(path)) throw errno('ENOSPC');
    });
    await ship('one', full);
    expect(told.map(({ code }) => code)).toEqual(['NO_SPACE']);
    expect(segmentFiles()).toEqual([]);
    await ship('two');
    expect(await verifyStore(dir, NOTHING)).toMatchObject({ events: 2, segments: 2, damage: [], unnamed: [] });
  });

  it('keeps its files when the commit is there, though its sync failed', async () => {
    let linked = false;
    const failing = faultFs(nodeFs, ({ name, path }) => {
      if (name === 'link' && isCommit(path)) linked = true;
      if (name === 'syncFolder' && linked) throw errno('EIO');
    });
    await ship('one', failing);
    expect(told.map(({ code }) => code)).toEqual(['SYNC_FAILED']);
    expect(segmentFiles()).toHaveLength(2);
    expect(await verifyStore(dir, NOTHING)).toMatchObject({ events: 1, segments: 1, damage: [] });
    await ship('two');
    expect(await verifyStore(dir, NOTHING)).toMatchObject({ events: 2, segments: 2, damage: [], unnamed: [] });
  });

  it('whose files cannot be deleted is told by verify; the next writer deletes them', async () => {
    const stuck = faultFs(nodeFs, ({ name, path }) => {
      if (name === 'link' && isCommit(path)) throw errno('ENOSPC');
      if (name === 'unlink' && path.endsWith('.parquet')) throw errno('EIO');
    });
    await ship('one', stuck);
    const left = segmentFiles();
    expect(left.some((name) => name.endsWith('.parquet'))).toBe(true);
    const { unnamed, damage } = await verifyStore(dir, NOTHING);
    expect(unnamed.map(({ path }) => path.split('/').at(-1))).toEqual(left);
    expect(damage).toEqual([]);
    await ship('two');
    expect(segmentFiles().filter((name) => left.includes(name))).toEqual([]);
    expect(await verifyStore(dir, NOTHING)).toMatchObject({ events: 2, segments: 2, damage: [], unnamed: [] });
  });
});
