import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CodeCache, codeFolders } from '../../src/start/code-cache.ts';

const me = process.geteuid?.() ?? 0;
const code = Buffer.from('what V8 made of a script');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-code-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a cache of compiled code', () => {
  test('gives back what was written, in a folder that it makes', () => {
    const cache = new CodeCache([join(folder, 'a', 'b')], [me]);
    expect(cache.read('main')).toBeUndefined();
    cache.write('main', code);
    expect(cache.read('main')).toEqual(code);
    expect(cache.read('other')).toBeUndefined();
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['main']);
  });

  test('gives nothing of a file with any byte changed, cut anywhere, or longer', () => {
    const cache = new CodeCache([folder], [me]);
    cache.write('main', code);
    const whole = readFileSync(join(folder, 'main'));
    const given = (bytes: Buffer) => {
      writeFileSync(join(folder, 'main'), bytes);
      return cache.read('main');
    };
    // Four bytes behind the sum are there for the place of the code alone.
    for (const at of whole.keys()) {
      if (at >= 12 && at < 16) continue;
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(given(changed), `byte ${at}`).toBeUndefined();
    }
    for (const length of whole.keys()) expect(given(whole.subarray(0, length)), `cut at ${length}`).toBeUndefined();
    expect(given(Buffer.concat([whole, Buffer.alloc(1)]))).toBeUndefined();
    expect(given(whole)).toEqual(code);
  });

  test('gives nothing of a file that was written under another name', () => {
    const cache = new CodeCache([folder], [me]);
    cache.write('main-1', code);
    renameSync(join(folder, 'main-1'), join(folder, 'main-2'));
    expect(cache.read('main-2')).toBeUndefined();
  });

  test('gives nothing that someone else can have written', () => {
    new CodeCache([folder], [me]).write('main', code);
    expect(new CodeCache([folder], [me + 1]).read('main')).toBeUndefined();
    chmodSync(join(folder, 'main'), 0o664);
    expect(new CodeCache([folder], [me]).read('main')).toBeUndefined();
    chmodSync(join(folder, 'main'), 0o644);
    renameSync(join(folder, 'main'), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'main'));
    expect(new CodeCache([folder], [me]).read('main')).toBeUndefined();
  });

  test('takes the next folder where the first cannot be written, and says nothing where none can', () => {
    // A file in the place of the folder stops root as well, whom a mode does not.
    const blocked = join(folder, 'file');
    writeFileSync(blocked, '');
    const next = join(folder, 'next');
    const cache = new CodeCache([join(blocked, 'code'), next], [me]);
    cache.write('main', code);
    expect(readdirSync(next)).toEqual(['main']);
    expect(cache.read('main')).toEqual(code);
    const nowhere = new CodeCache([join(blocked, 'code')], [me]);
    nowhere.write('main', code);
    expect(nowhere.read('main')).toBeUndefined();
  });

  test('leaves nothing half written behind where the last step fails', () => {
    mkdirSync(join(folder, 'main'));
    new CodeCache([folder], [me]).write('main', code);
    expect(readdirSync(folder)).toEqual(['main']);
  });

  test('removes what is older than thirty days', () => {
    const cache = new CodeCache([folder], [me]);
    for (const [name, days] of [
      ['old', 31],
      ['young', 29],
    ] as const) {
      cache.write(name, code);
      utimesSync(join(folder, name), Date.now() / 1000, Date.now() / 1000 - days * 86_400);
    }
    cache.write('new', code);
    expect(readdirSync(folder).sort()).toEqual(['new', 'young']);
  });
});

describe('the folders of compiled code', () => {
  test('are beside the scripts, then in the cache of this user', () => {
    const beside = join('/scripts', '.code');
    expect(codeFolders('/scripts', { HOME: folder }, me)).toEqual([beside, join(folder, '.cache/logs/code')]);
    const own = { HOME: '/root', XDG_CACHE_HOME: folder };
    expect(codeFolders('/scripts', own, me)).toEqual([beside, join(folder, 'logs/code')]);
  });

  test('are none of another user, none that is not there, and none that is relative', () => {
    expect(codeFolders('/scripts', { HOME: folder }, me + 1)).toEqual(['/scripts/.code']);
    expect(codeFolders('/scripts', { HOME: join(folder, 'gone') }, me)).toEqual(['/scripts/.code']);
    expect(codeFolders('/scripts', { HOME: '.' }, me)).toEqual(['/scripts/.code']);
    expect(codeFolders('/scripts', {}, me)).toEqual(['/scripts/.code']);
    expect(existsSync(join(folder, 'gone'))).toBe(false);
  });
});
