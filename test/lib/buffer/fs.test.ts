import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fs, nodeFs } from '../../../src/lib/buffer/fs.ts';
import { promptFs } from '../../../src/lib/buffer/prompt-fs.ts';

describe.each<[string, Fs]>([
  ['nodeFs', nodeFs],
  ['promptFs', promptFs],
])('%s', (_, fs) => {
  let folder: string;
  const at = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'logs-fs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('writes, cuts and reads files at positions', async () => {
    const file = await fs.open(at('new'), 'create');
    expect(await file.writev([Buffer.from('abc'), Buffer.from('defg')], 2)).toBe(7);
    await file.datasync();
    expect(await file.size()).toBe(9);
    await file.truncate(8);
    const into = Buffer.alloc(10);
    expect(await file.read(into, 3)).toBe(5);
    expect(into.toString('latin1', 0, 5)).toBe('bcdef');
    expect(await file.read(into, 8)).toBe(0);
    await file.close();
    expect(await fs.readFile(at('new'))).toEqual(Buffer.from('\0\0abcdef'));
    expect(await fs.stat(at('new'))).toMatchObject({ kind: 'file', size: 8, mode: 0o600 });
    const again = await fs.open(at('new'), 'update');
    await again.writev([Buffer.from('xy')], 0);
    await again.close();
    const read = await fs.open(at('new'), 'read');
    await expect(read.writev([Buffer.from('z')], 0)).rejects.toMatchObject({ code: 'EBADF' });
    await read.close();
    expect((await fs.readFile(at('new'))).toString('latin1')).toBe('xyabcdef');
  });

  it('makes, links, renames, lists and removes names', async () => {
    await fs.makeFolder(at('inner'));
    writeFileSync(at('inner/one'), '1');
    await fs.link(at('inner/one'), at('inner/two'));
    await fs.rename(at('inner/two'), at('inner/three'));
    expect((await fs.list(at('inner'))).sort()).toEqual(['one', 'three']);
    await fs.syncFolder(at('inner'));
    await fs.unlink(at('inner/one'));
    await fs.unlink(at('inner/three'));
    await fs.removeFolder(at('inner'));
    expect(await fs.stat(at('inner'))).toBeUndefined();
    expect((await fs.volume(folder)).totalBytes).toBeGreaterThan(0);
  });

  it('says what a path is, of a link itself, and nothing where there is none', async () => {
    await fs.makeFolder(at('folder'));
    symlinkSync('nowhere', at('link'));
    writeFileSync(at('file'), '');
    expect(await fs.stat(at('folder'))).toMatchObject({ kind: 'folder', mode: 0o700 });
    expect(await fs.stat(at('link'))).toMatchObject({ kind: 'other' });
    expect(await fs.stat(at('none'))).toBeUndefined();
    expect(await fs.stat(at('file/none'))).toBeUndefined();
  });

  it.each<[string, string, (fs: Fs, path: string) => Promise<unknown>]>([
    ['ENOENT', 'none', (one, path) => one.open(path, 'read')],
    ['ENOENT', 'none', (one, path) => one.readFile(path)],
    ['ENOENT', 'none', (one, path) => one.list(path)],
    ['ENOENT', 'none', (one, path) => one.unlink(path)],
    ['ENOENT', 'none', (one, path) => one.rename(path, `${path}2`)],
    ['ENOENT', 'none', (one, path) => one.syncFolder(path)],
    ['EEXIST', 'file', (one, path) => one.open(path, 'create')],
    ['EEXIST', 'file', (one, path) => one.makeFolder(path)],
    ['EEXIST', 'file', (one, path) => one.link(path, path)],
    ['ENOTDIR', 'file', (one, path) => one.removeFolder(path)],
  ])('fails with %s on %s', async (code, name, call) => {
    writeFileSync(at('file'), '');
    await expect(call(fs, at(name))).rejects.toMatchObject({ code });
  });
});
