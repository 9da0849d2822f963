/*
 * The store as it is built: its builder is a worker thread, which Node 20 starts only from JavaScript. `pretest` builds
 * `dist`; the types are those of the sources.
 */
async function load(path: string): Promise<unknown> {
  return import(new URL(`../../../../dist/lib/${path}`, import.meta.url).href);
}

export const { openEmbeddedStore, openEmbeddedWriter } = (await load(
  'adapters/embedded/embedded-store.js',
)) as typeof import('../../../../src/lib/adapters/embedded/embedded-store.ts');
export const { followStore } = (await load(
  'adapters/embedded/read/follow.js',
)) as typeof import('../../../../src/lib/adapters/embedded/read/follow.ts');
export const { Duck } = (await load(
  'adapters/embedded/segment/duckdb.js',
)) as typeof import('../../../../src/lib/adapters/embedded/segment/duckdb.ts');
export const { CommitLog } = (await load(
  'adapters/embedded/commits/commit-log.js',
)) as typeof import('../../../../src/lib/adapters/embedded/commits/commit-log.ts');
export const { verifyStore } = (await load(
  'adapters/embedded/upkeep/maintenance.js',
)) as typeof import('../../../../src/lib/adapters/embedded/upkeep/maintenance.ts');
export const { restSeals, sealLog } = (await load(
  'adapters/embedded/seal/sealer.js',
)) as typeof import('../../../../src/lib/adapters/embedded/seal/sealer.ts');
export const { EmbeddedWriter } = (await load(
  'adapters/embedded/write/writer.js',
)) as typeof import('../../../../src/lib/adapters/embedded/write/writer.ts');
export const { nodeFs } = (await load('buffer/fs.js')) as typeof import('../../../../src/lib/buffer/fs.ts');
export const { compactStore } = (await load(
  'adapters/embedded/upkeep/compact-store.js',
)) as typeof import('../../../../src/lib/adapters/embedded/upkeep/compact-store.ts');
export const { compactInBuilder, compactStep } = (await load(
  'adapters/embedded/compact/compact-step.js',
)) as typeof import('../../../../src/lib/adapters/embedded/compact/compact-step.ts');
export const { compactBriefly } = (await load(
  'adapters/embedded/compact/compact-briefly.js',
)) as typeof import('../../../../src/lib/adapters/embedded/compact/compact-briefly.ts');
export const { sweep } = (await load(
  'adapters/embedded/write/sweep.js',
)) as typeof import('../../../../src/lib/adapters/embedded/write/sweep.ts');
