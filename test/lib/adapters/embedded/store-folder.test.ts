import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStore, prepareStore } from '../../../../src/lib/adapters/embedded/store-folder.ts';
import { nodeFs } from '../../../../src/lib/buffer/fs.ts';
import { errno, faultFs } from '../../buffer/fault-fs.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';

describe('the folder of a store', () => {
  it('is made with the folders above it, for its owner only', async () => {
    const dir = join(temporaryFolder(), 'deep', 'store');
    const tenant = await prepareStore(nodeFs, dir);
    expect(tenant).toBe(join(dir, 'default'));
    expect(readdirSync(dir).sort()).toEqual(['default', 'store.json']);
    expect(readFileSync(join(dir, 'store.json'), 'utf8')).toBe('{"format":2}\n');
    for (const folder of [dir, tenant, join(tenant, 'log'), join(tenant, 'commits')])
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'store.json')).mode & 0o777).toBe(0o600);
    expect(await prepareStore(nodeFs, dir)).toBe(tenant);
  });

  it('syncs each folder that gets a new name', async () => {
    const synced: string[] = [];
    const fs = faultFs(nodeFs, ({ name, path }) => void (name === 'syncFolder' && synced.push(path)));
    const base = temporaryFolder();
    await prepareStore(fs, join(base, 'store'));
    expect(new Set(synced)).toEqual(new Set([base, join(base, 'store'), join(base, 'store', 'default')]));
  });

  it('is not there, or not one: told', async () => {
    const dir = temporaryFolder();
    await expect(checkStore(nodeFs, dir)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(checkStore(nodeFs, join(dir, 'x', 'y'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    mkdirSync(join(dir, 'claimed', 'sources'), { recursive: true });
    await prepareStore(nodeFs, join(dir, 'claimed'));
    writeFileSync(join(dir, 'thesis.doc'), '');
    await expect(prepareStore(nodeFs, dir)).rejects.toMatchObject({
      code: 'STORE_UNSUITABLE',
      message: expect.stringMatching(/thesis\.doc|claimed/),
    });
    expect(existsSync(join(dir, 'store.json'))).toBe(false);
  });

  it.each([
    [1, 'ship its sources again'],
    [3, 'a newer one'],
  ])('of another format is refused, for reading and writing: %i', async (format, hint) => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'store.json'), `{"format":${format},"anything":[]}`);
    const told = { code: 'STORE_VERSION', hint: expect.stringContaining(hint) };
    await expect(checkStore(nodeFs, dir)).rejects.toMatchObject(told);
    await expect(prepareStore(nodeFs, dir)).rejects.toMatchObject(told);
  });

  it('that does not say which format it has is refused, for reading and writing', async () => {
    const dir = temporaryFolder();
    const formats = ['"1"', '0', '-1', '1.5', 'null', 'true', '1e999', '[1]'].map((value) => `{"format":${value}}`);
    for (const text of ['', 'null', '1', '[]', '{}', '{"form', ...formats]) {
      writeFileSync(join(dir, 'store.json'), text);
      for (const refused of [checkStore(nodeFs, dir), prepareStore(nodeFs, dir)])
        await expect(refused, text).rejects.toMatchObject({
          code: 'STORE_DAMAGED',
          message: `${join(dir, 'store.json')} does not say which format the store has`,
        });
    }
  });

  it('that may not be written is told with its path and a remedy', async () => {
    const dir = temporaryFolder();
    const told = {
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(dir),
      hint: expect.stringContaining('--store'),
    };
    const denied = faultFs(nodeFs, ({ name }) => {
      if (name === 'makeFolder') throw errno('EACCES');
    });
    await expect(prepareStore(denied, join(dir, 'store'))).rejects.toMatchObject(told);
    writeFileSync(join(dir, 'file'), '');
    await expect(prepareStore(nodeFs, join(dir, 'file', 'store'))).rejects.toMatchObject(told);
    if (process.getuid?.() === 0) return;
    mkdirSync(join(dir, 'closed'));
    chmodSync(join(dir, 'closed'), 0o500);
    await expect(prepareStore(nodeFs, join(dir, 'closed', 'store'))).rejects.toMatchObject(told);
  });

  it('on a network file system is not written to', async () => {
    const dir = temporaryFolder();
    for (const type of [0x6969, 0xfe534d42, -11317950, 0x65735546]) {
      const fs = { ...nodeFs, volume: async () => ({ type, freeBytes: 1e12, totalBytes: 1e12 }) };
      await expect(prepareStore(fs, join(dir, 'store')), `${type}`).rejects.toMatchObject({ code: 'STORE_UNSUITABLE' });
    }
  });

  it('takes no name of a tenant that could lead elsewhere', async () => {
    const dir = temporaryFolder();
    for (const tenant of ['..', '', 'a/b', 'a.b', 'ä', 'x'.repeat(65), 'sources']) {
      await expect(prepareStore(nodeFs, dir, tenant), tenant).rejects.toMatchObject({ code: 'USAGE' });
    }
  });
});
