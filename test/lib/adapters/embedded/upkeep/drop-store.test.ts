import { existsSync, mkdirSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { claimFolder } from '../../../../../src/lib/buffer/owner.ts';
import { eachLiveEvent, readLiveLogs } from '../../../../../src/lib/adapters/embedded/read/live-logs.ts';
import { checkStore } from '../../../../../src/lib/adapters/embedded/store-folder.ts';
import { dropStore } from '../../../../../src/lib/adapters/embedded/upkeep/drop-store.ts';
import { listTenants } from '../../../../../src/lib/adapters/embedded/upkeep/tenants.ts';
import { openSourceClaims } from '../../../../../src/lib/buffer/source-claims.ts';
import { EmbeddedWriter } from '../../../../../src/lib/adapters/embedded/write/writer.ts';
import { type Fs, nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { faultFs } from '../../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

let dir = '';
let tenant = '';

beforeEach(async () => {
  dir = join(temporaryFolder(), 'store');
  tenant = join(dir, 'default');
  await ship('old');
});

function open(fs: Fs = nodeFs): Promise<EmbeddedWriter> {
  const tell = (problem: Error): void => expect.fail(problem.message);
  return EmbeddedWriter.open({ dir, fs, tell, seal: () => Promise.reject(new Error('nothing to seal')) });
}

async function ship(text: string, fs?: Fs): Promise<void> {
  const writer = await open(fs);
  await writer.append({ bytes: Buffer.from(`${text}\n`), lines: 1, context: {} });
  await writer.close();
}

async function events(): Promise<string[]> {
  const found: string[] = [];
  for (const log of await readLiveLogs(nodeFs, tenant))
    eachLiveEvent(log, ({ start, end }) => found.push(log.bytes.toString('utf8', start, end)));
  return found;
}

/** Calls `then` once when the writer's new folder gets its claim. */
function whenClaiming(then: () => void): Fs {
  let done = false;
  return faultFs(nodeFs, ({ name, path }) => {
    if (done || name !== 'link' || !path.endsWith('owner.1.sock')) return;
    done = true;
    then();
  });
}

describe('dropStore', () => {
  it('leaves nothing, and nothing for the next store to stumble over', async () => {
    await openSourceClaims(dir)
      .claim('1-2', 'file')
      .then((claim) => claim.release());
    expect(await dropStore(dir)).toEqual(['default']);
    expect(readdirSync(dir)).toEqual([]);
    await ship('new');
    expect(await events()).toEqual(['new']);
  });

  it('keeps what is shipped while it still deletes', async () => {
    const day = join(tenant, '2020.01.01');
    mkdirSync(day);
    for (let at = 0; at < 4_000; at += 1) writeFileSync(join(day, `${at}`), '');
    const dropped = dropStore(dir).then(
      () => 'dropped',
      (error: unknown) => String(error),
    );
    while (existsSync(day) && readdirSync(day).length === 4_000) await nextTurn();
    await ship('new');
    expect(await dropped).toBe('dropped');
    expect(await events()).toEqual(['new']);
    expect(readdirSync(dir).sort()).toEqual(['default', 'store.json']);
  });

  it('is refused while a writer is at work, and deletes nothing', async () => {
    const writer = await open();
    await expect(dropStore(dir)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    await writer.close();
    expect(await events()).toEqual(['old']);
    expect(await dropStore(dir)).toEqual(['default']);
  });

  it('deletes what a drop that was cut short had moved away, which is no tenant any more', async () => {
    renameSync(tenant, join(dir, 'tmp-0123456789abcdef.drop'));
    expect(await listTenants(nodeFs, dir)).toEqual([]);
    await expect(dropStore(dir, { tenant: 'default' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(readdirSync(dir)).toEqual(['store.json']);
  });

  it('leaves the claims on files that are about to be shipped', async () => {
    const claim = await openSourceClaims(dir).claim('1-2', 'file');
    await dropStore(dir);
    await expect(openSourceClaims(dir).claim('1-2', 'file')).rejects.toMatchObject({ code: 'SOURCE_CLAIMED' });
    await claim.release();
  });
});

describe('a writer that begins while a store is dropped', () => {
  it('is kept out until the tenant is moved away, then says so', { timeout: 10_000 }, async () => {
    const drop = await claimFolder(nodeFs, join(tenant, 'log'), 0);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_BUSY', hint: expect.stringContaining('store drop') });
    const shipped = ship('new');
    setTimeout(() => void drop?.release(), 60);
    await shipped;
    expect(await events()).toEqual(['old', 'new']);
  });

  it('begins again when its folder went with the tenant', async () => {
    // Nothing released to go on with: it makes a folder.
    await dropStore(dir, { tenant: 'default' });
    await ship(
      'new',
      whenClaiming(() => renameSync(tenant, join(dir, 'tmp-0123456789abcdef.drop'))),
    );
    expect(await events()).toEqual(['new']);
  });

  it('sees to it that the folder is a store', async () => {
    await dropStore(dir, { tenant: 'default' });
    await ship(
      'new',
      whenClaiming(() => unlinkSync(join(dir, 'store.json'))),
    );
    await checkStore(nodeFs, dir);
    expect(await events()).toEqual(['new']);
  });
});
