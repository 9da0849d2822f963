import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFiles } from '../../../../src/lib/adapters/file/find-files.ts';

describe('the files that names mean', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-find-'));
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    for (const name of NAMES) await writeFile(join(folder, name), 'x\n');
    await writeFile(join(folder, 'deep', 'er', 'z.log'), 'x\n');
    await symlink('nowhere', join(folder, 'dangling'));
    await symlink('self', join(folder, 'self'));
    await symlink('..', join(folder, 'deep', 'up'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const NAMES = ['-dash.log', 'a b.log', 'esc\x1b[31m.log', 'gl*b[1].log', 'new\nline.log', 'ünï.log'];
  const inside = (paths: readonly string[]) => paths.map((path) => path.slice(folder.length + 1));

  it('are found in a folder whatever they are called, and its odd entries are told', async () => {
    const { paths, skipped, failures } = await findFiles([folder]);
    expect(inside(paths)).toEqual(['-dash.log', 'a b.log', 'deep/er/z.log', ...NAMES.slice(2)]);
    expect(skipped).toEqual([
      `no such file: ${join(folder, 'dangling')}`,
      `cannot read ${join(folder, 'self')}: its links lead in a circle`,
    ]);
    expect(failures).toEqual([]);
  });

  it('are themselves where they look like patterns, and none is named twice', async () => {
    const name = join(folder, 'gl*b[1].log');
    expect((await findFiles([name, name, folder])).paths.filter((path) => path === name)).toEqual([name]);
  });

  it('of a pattern are no deeper than it says', async () => {
    await expect(findFiles([join(folder, '*.log')])).resolves.toMatchObject({ paths: { length: NAMES.length } });
    expect(inside((await findFiles([join(folder, '*/*/*.log')])).paths)).toContain('deep/er/z.log');
    expect(inside((await findFiles([join(folder, '**/z.log')])).paths)).toEqual(['deep/er/z.log']);
  });

  it('that are missing stop no other', async () => {
    const { paths, failures } = await findFiles([join(folder, 'gone'), join(folder, 'x*'), join(folder, 'a b.log')]);
    expect(inside(paths)).toEqual(['a b.log']);
    expect(failures.map(({ code, message }) => [code, message])).toEqual([
      ['NOT_FOUND', `no such file: ${join(folder, 'gone')}`],
      ['NOT_FOUND', `no file matches ${join(folder, 'x*')}`],
    ]);
    await expect(findFiles([''])).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('do not include what is written to, under whatever name', async () => {
    const out = join(folder, 'out.ndjson');
    await writeFile(out, 'x\n');
    await symlink('out.ndjson', join(folder, 'also-out'));
    const { paths, skipped } = await findFiles([folder], [], [out]);
    expect(inside(paths).filter((path) => path.includes('out'))).toEqual([]);
    expect(skipped).toContain(`${out}: it is written to by this command`);
  });
});
