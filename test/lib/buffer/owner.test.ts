import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimFolder, ownershipOf } from '../../../src/lib/buffer/owner.ts';
import { nodeFs } from '../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from './temporary-folder.ts';

const LATER = Date.now() + 120_000;

describe('owners', () => {
  it('leave a folder alone that was made just now, and take an old one', async () => {
    const folder = temporaryFolder();
    expect(await ownershipOf(nodeFs, folder, Date.now())).toEqual({ state: 'young' });
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'dead', claim: 0 });
  });

  it('are one at a time, however many try', async () => {
    const folder = temporaryFolder();
    const tries = await Promise.all(Array.from({ length: 20 }, () => claimFolder(nodeFs, folder, 0)));
    const claims = tries.filter((claim) => claim !== undefined);
    expect(claims.map(({ number }) => number)).toEqual([1]);
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'alive', claim: 1 });
    await claims[0]?.release({ n: 3 });
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'released', claim: 1, marker: { n: 3 } });
    expect(readdirSync(folder).filter((name) => name.startsWith('tmp-'))).toEqual([]);
  });

  it('are told dead when they ended without a word', async () => {
    const folder = temporaryFolder();
    const claim = await claimFolder(nodeFs, folder, 0);
    await claim?.release();
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'dead', claim: 1 });
  });

  it('cannot take a number that is long gone', async () => {
    const folder = temporaryFolder();
    for (let after = 0; after < 30; after += 1) await (await claimFolder(nodeFs, folder, after))?.release({});
    expect(readdirSync(folder).length).toBeLessThanOrEqual(16);
    expect(readdirSync(folder)).not.toContain('owner.5.sock');
    expect(await claimFolder(nodeFs, folder, 4)).toBeUndefined();
    expect(await ownershipOf(nodeFs, folder, LATER)).toMatchObject({ state: 'released', claim: 30 });
  });

  it('cannot take the number behind a claim that is not there: the folder is a new one', async () => {
    const folder = temporaryFolder();
    const claim = await claimFolder(nodeFs, folder, 0);
    expect(await claimFolder(nodeFs, folder, 3)).toBeUndefined();
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'alive', claim: 1 });
    await claim?.release();
  });

  it('cannot be where there is no folder any more', async () => {
    expect(await claimFolder(nodeFs, join(temporaryFolder(), 'gone'), 0)).toBeUndefined();
  });

  it('work under paths longer than a socket may have', async () => {
    if (process.platform !== 'linux') return;
    const folder = join(temporaryFolder(), 'a'.repeat(120));
    mkdirSync(folder);
    const claim = await claimFolder(nodeFs, folder, 0);
    expect(await ownershipOf(nodeFs, folder, LATER)).toMatchObject({ state: 'alive' });
    await claim?.release();
  });

  it('are dead after kill -9, alive while stopped', async () => {
    const folder = temporaryFolder();
    const script = `require('node:net').createServer().listen('owner.1.sock', () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGSTOP');
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'alive', claim: 1 });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'dead', claim: 1 });
  });

  it('count as alive when the answer is anything but a refusal', async () => {
    const folder = temporaryFolder();
    const server = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => {
      server.listen(join(folder, 'owner.7.sock'), resolve);
    });
    utimesSync(folder, 0, 0);
    expect(await ownershipOf(nodeFs, folder, LATER)).toEqual({ state: 'alive', claim: 7 });
    server.close();
  });
});
