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
  'adapters/embedded/follow.js',
)) as typeof import('../../../../src/lib/adapters/embedded/follow.ts');
export const { Duck } = (await load(
  'adapters/embedded/duckdb.js',
)) as typeof import('../../../../src/lib/adapters/embedded/duckdb.ts');
export const { CommitLog } = (await load(
  'adapters/embedded/commit-log.js',
)) as typeof import('../../../../src/lib/adapters/embedded/commit-log.ts');
export const { verifyStore } = (await load(
  'adapters/embedded/maintenance.js',
)) as typeof import('../../../../src/lib/adapters/embedded/maintenance.ts');
export const { sealLog } = (await load(
  'adapters/embedded/sealer.js',
)) as typeof import('../../../../src/lib/adapters/embedded/sealer.ts');
export const { EmbeddedWriter } = (await load(
  'adapters/embedded/writer.js',
)) as typeof import('../../../../src/lib/adapters/embedded/writer.ts');
export const { nodeFs } = (await load('buffer/fs.js')) as typeof import('../../../../src/lib/buffer/fs.ts');
