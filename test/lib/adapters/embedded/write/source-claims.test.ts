import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ownershipOf } from '../../../../../src/lib/buffer/owner.ts';
import { openSourceClaims, sweepSources } from '../../../../../src/lib/buffer/source-claims.ts';
import { EmbeddedWriter } from '../../../../../src/lib/adapters/embedded/write/writer.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

/** By this clock nothing in the folder was used for an hour. */
const LATER = Date.now() + 2 * 60 * 60_000;

it('sweeps claims that nobody holds, and nothing else', async () => {
  const dir = temporaryFolder();
  const claims = openSourceClaims(dir);
  const sources = join(dir, 'sources');
  await (await claims.claim('1-a', 'a.log')).release();
  const held = await claims.claim('1-b', 'b.log');
  mkdirSync(join(sources, '1-c'));
  mkdirSync(join(sources, 'notes'));
  await sweepSources(nodeFs, dir, Date.now());
  expect(readdirSync(sources).sort()).toEqual(['1-a', '1-b', '1-c', 'notes']);
  await sweepSources(nodeFs, dir, LATER);
  expect(readdirSync(sources).sort()).toEqual(['1-b', 'notes']);
  await expect(claims.claim('1-b', 'b.log')).rejects.toMatchObject({
    code: 'SOURCE_CLAIMED',
    message: `b.log is being shipped by process ${process.pid}`,
  });
  await held.release();
  await sweepSources(nodeFs, dir, LATER);
  expect(readdirSync(sources)).toEqual(['notes']);
});

it('has them swept by a writer that leaves', async () => {
  const dir = join(temporaryFolder(), 'store');
  const seal = (): Promise<never> => Promise.reject(new Error('nothing to seal'));
  const writer = await EmbeddedWriter.open({ dir, seal, tell: (problem) => expect.fail(problem.message) });
  for (const place of ['1-a', '1-b']) await (await openSourceClaims(dir).claim(place, place)).release();
  utimesSync(join(dir, 'sources', '1-a'), 0, 0);
  await writer.close();
  expect(readdirSync(join(dir, 'sources'))).toEqual(['1-b']);
});

it('removes what a sweep that was cut short left', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'sources', 'tmp-0123456789abcdef'), { recursive: true });
  await sweepSources(nodeFs, dir, LATER);
  expect(readdirSync(join(dir, 'sources'))).toEqual([]);
});

it.each(['rename', 'unlink', 'removeFolder'] as const)(
  'lets a claim that comes while it sweeps hold: before %s',
  async (call) => {
    const dir = temporaryFolder();
    const claims = openSourceClaims(dir);
    const folder = join(dir, 'sources', '1-a');
    await (await claims.claim('1-a', 'a.log')).release();
    let coming: ReturnType<typeof claims.claim> | undefined;
    const slow = {
      ...nodeFs,
      [call]: async (path: string, to: string) => {
        coming ??= claims.claim('1-a', 'a.log');
        coming.catch(() => undefined);
        await sleep(10);
        return call === 'rename' ? nodeFs.rename(path, to) : nodeFs[call](path);
      },
    };
    await sweepSources(slow, dir, LATER);
    const claim = await coming;
    expect(await ownershipOf(nodeFs, folder, LATER)).toMatchObject({ state: 'alive' });
    await sweepSources(nodeFs, dir, LATER);
    await expect(claims.claim('1-a', 'a.log')).rejects.toMatchObject({ code: 'SOURCE_CLAIMED' });
    await claim?.release();
  },
);

it('never lets two hold one, however they and the sweeps fall', { timeout: 20_000 }, async () => {
  const dir = temporaryFolder();
  const until = Date.now() + 15_000;
  const ENOUGH = 40;
  let holders = 0;
  let held = 0;
  const claimant = async (): Promise<void> => {
    const claims = openSourceClaims(dir);
    while (held < ENOUGH && Date.now() < until) {
      const claim = await claims.claim('1-a', 'a.log').catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'SOURCE_CLAIMED' });
      });
      if (claim === undefined) continue;
      holders += 1;
      held += 1;
      expect(holders).toBe(1);
      await sleep(Math.random() * 3);
      expect(await ownershipOf(nodeFs, join(dir, 'sources', '1-a'), LATER)).toMatchObject({ state: 'alive' });
      holders -= 1;
      await claim.release();
      await sleep(Math.random() * 3);
    }
  };
  const sweeper = async (): Promise<void> => {
    while (held < ENOUGH && Date.now() < until) {
      await sweepSources(nodeFs, dir, LATER);
      await sleep(Math.random() * 2);
    }
  };
  await Promise.all([claimant(), claimant(), claimant(), sweeper(), sweeper()]);
  expect(held).toBeGreaterThanOrEqual(ENOUGH);
});

it('says in our words, naming the folder, that it cannot be made', async () => {
  await expect(openSourceClaims('/dev/null/store').claim('1-2', 'app.log')).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    message: 'cannot claim /dev/null/store/sources/1-2: a part of the path is not a folder',
    hint: expect.any(String),
  });
});
