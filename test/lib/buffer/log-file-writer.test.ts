import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Fs, nodeFs } from '../../../src/lib/buffer/fs.ts';
import { scanFrames } from '../../../src/lib/buffer/log-file.ts';
import { LogFileWriter } from '../../../src/lib/buffer/log-file-writer.ts';
import { errno, type FsCall, faultFs } from './fault-fs.ts';
import { temporaryFolder } from './temporary-folder.ts';

function frame(text: string) {
  return { payload: Buffer.from(`${text}\n`), lines: 1, context: {} };
}

function textsIn(writer: LogFileWriter): string[] {
  const bytes = readFileSync(writer.path);
  const scan = scanFrames(bytes, writer.life);
  expect(scan.torn).toBeUndefined();
  const data = scan.frames.filter(({ header }) => header.n > 0);
  return data.map(({ header, payload }) => bytes.toString('utf8', payload, payload + header.len).trimEnd());
}

async function outcomes(appends: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(appends);
  return settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as { code: string }).code));
}

describe('LogFileWriter', () => {
  it('syncs once for all frames that wait, and acknowledges after it', async () => {
    const calls: FsCall[] = [];
    const fs = faultFs(nodeFs, (call) => void calls.push(call));
    const writer = await LogFileWriter.create(fs, temporaryFolder(), 1, 0, Date.now);
    const acknowledged: number[] = [];
    const appends = Array.from({ length: 50 }, (_, at) =>
      writer
        .append(frame(`line ${at}`))
        .then(() => acknowledged.push(calls.filter(({ name }) => name === 'datasync').length)),
    );
    await Promise.all(appends);
    expect(calls.filter(({ name }) => name === 'datasync').length).toBe(1);
    expect(acknowledged).toEqual(Array.from({ length: 50 }, () => 1));
    expect(calls.findIndex(({ name }) => name === 'syncFolder')).toBeLessThan(
      calls.findIndex(({ name }) => name === 'writev'),
    );
    await writer.finish();
    expect(textsIn(writer)).toEqual(Array.from({ length: 50 }, (_, at) => `line ${at}`));
    expect(statSync(writer.path).mode & 0o777).toBe(0o600);
  });

  it('says in an empty frame what is durable once nothing waits', async () => {
    const writer = await LogFileWriter.create(nodeFs, temporaryFolder(), 1, 0, Date.now);
    await writer.append(frame('a'));
    await expect.poll(() => scanFrames(readFileSync(writer.path), writer.life).synced).toBe(1);
    await writer.finish();
  });

  it('goes on after short writes', async () => {
    const fs = faultFs(nodeFs, ({ name }) => (name === 'writev' ? 7 : undefined));
    const writer = await LogFileWriter.create(fs, temporaryFolder(), 1, 0, Date.now);
    expect(await outcomes(['a', 'b', 'c'].map((text) => writer.append(frame(text))))).toEqual(['ok', 'ok', 'ok']);
    await writer.finish();
    expect(textsIn(writer)).toEqual(['a', 'b', 'c']);
  });

  it('rejects what waits when the disk is full, leaves nothing of it, and goes on when there is space', async () => {
    let full = false;
    let writes = 0;
    const fs = faultFs(nodeFs, ({ name }) => {
      if (name !== 'writev' || !full) return undefined;
      writes += 1;
      if (writes % 2 === 0) throw errno('ENOSPC');
      return 40;
    });
    const writer = await LogFileWriter.create(fs, temporaryFolder(), 1, 0, Date.now);
    await writer.append(frame('before'));
    full = true;
    expect(await outcomes(['lost 1', 'lost 2'].map((text) => writer.append(frame(text))))).toEqual([
      'NO_SPACE',
      'NO_SPACE',
    ]);
    full = false;
    await writer.append(frame('after'));
    expect(await writer.finish()).toBeDefined();
    expect(textsIn(writer)).toEqual(['before', 'after']);
  });

  it('takes no more when it took back a frame that could be read: nobody gives its number to another', async () => {
    let full = false;
    const fs = faultFs(nodeFs, ({ name }) => {
      if (name === 'writev' && full) throw errno('ENOSPC');
    });
    const partly: Fs = {
      ...fs,
      async open(path, how) {
        const file = await fs.open(path, how);
        const writev = async (buffers: readonly Uint8Array[], at: number): Promise<number> => {
          if (buffers.length < 4) return file.writev(buffers, at);
          const written = await file.writev(buffers.slice(0, 2), at);
          full = true;
          return written;
        };
        return { ...file, writev };
      },
    };
    const writer = await LogFileWriter.create(partly, temporaryFolder(), 1, 0, Date.now);
    await writer.append(frame('before'));
    expect(await outcomes(['seen', 'lost'].map((text) => writer.append(frame(text))))).toEqual([
      'NO_SPACE',
      'NO_SPACE',
    ]);
    full = false;
    expect(writer.ended).toBe(true);
    expect(await outcomes([writer.append(frame('after'))])).toEqual(['NO_SPACE']);
    expect((await writer.finish())?.seq).toBe(1);
    expect(textsIn(writer)).toEqual(['before']);
  });

  it('never syncs again after a failed sync, and takes back what was not acknowledged', async () => {
    let fail = false;
    let syncs = 0;
    const fs = faultFs(nodeFs, ({ name }) => {
      if (name !== 'datasync') return;
      syncs += 1;
      if (fail) throw errno('EIO');
    });
    const writer = await LogFileWriter.create(fs, temporaryFolder(), 1, 0, Date.now);
    await writer.append(frame('before'));
    fail = true;
    expect(await outcomes([writer.append(frame('lost'))])).toEqual(['SYNC_FAILED']);
    fail = false;
    const before = syncs;
    expect(await outcomes([writer.append(frame('more'))])).toEqual(['SYNC_FAILED']);
    expect(await writer.finish()).toBeUndefined();
    expect(syncs).toBe(before);
    expect(textsIn(writer)).toEqual(['before']);
  });

  it('goes on with a released file: same life, next frames', async () => {
    const folder = temporaryFolder();
    const first = await LogFileWriter.create(nodeFs, folder, 1, 0, Date.now);
    await first.append(frame('a'));
    const state = await first.finish();
    if (state === undefined) throw new Error('not whole');
    const second = await LogFileWriter.resume(nodeFs, folder, first.life, state, () => 5);
    await second.append(frame('b'));
    const end = await second.finish();
    expect(textsIn(first)).toEqual(['a', 'b']);
    // A clock that went back does not take the receive time with it.
    expect(end?.t).toBe(state.t);
    expect(end?.since).toBe(state.since);
  });
});

describe('a device that is full', () => {
  it('is told as NO_SPACE with its path', async () => {
    const fs = { ...nodeFs, open: () => nodeFs.open('/dev/full', 'update'), syncFolder: async () => undefined };
    const writer = await LogFileWriter.create(fs, temporaryFolder(), 1, 0, Date.now);
    await expect(writer.append(frame('a'))).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringContaining(writer.path),
    });
  });
});
