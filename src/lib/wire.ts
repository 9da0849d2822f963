import type { LogStore } from './store/store.ts';

/** What a reading command asks: the embedded store, or files and standard input without one. */
export interface OpenedReader {
  readonly store: LogStore;
  readonly kind: 'store' | 'files';
  /** Standard input is among the files: it can be asked only once. */
  readonly once: boolean;
  /** What was left out of folders and patterns, and why. */
  readonly skipped: readonly string[];
  close(): Promise<void>;
}

/** Opens the embedded store in a folder. Throws NOT_FOUND where there is none. */
export async function openStoreReader(dir: string): Promise<OpenedReader> {
  const { openEmbeddedStore } = await import('./adapters/embedded/embedded-store.ts');
  const store = await openEmbeddedStore(dir);
  return { store, kind: 'store', once: false, skipped: [], close: () => store.close() };
}

/** Opens files, folders, globs and `-` as one store. Throws NOT_FOUND for a name that means nothing. */
export async function openFileReader(names: readonly string[]): Promise<OpenedReader> {
  const { openFileStore } = await import('./adapters/file/file-store.ts');
  const { paths, skipped } = await findPaths(names.filter((name) => name !== '-'));
  const files = paths.map((name) => ({ name, open: () => openFile(name) }));
  const once = names.includes('-');
  const input = { name: '-', open: openInput };
  return {
    store: openFileStore(once ? [...files, input] : files),
    kind: 'files',
    once,
    skipped,
    close: async () => undefined,
  };
}

async function findPaths(names: readonly string[]) {
  if (names.length === 0) return { paths: [], skipped: [] };
  const { findFiles } = await import('./adapters/file/find-files.ts');
  return findFiles(names);
}

async function openFile(name: string) {
  const { openFileSource } = await import('./adapters/file/file-source.ts');
  return openFileSource(name);
}

async function openInput() {
  const { openStdin } = await import('./adapters/stdio/stdin-source.ts');
  return openStdin();
}

/** The embedded store's upkeep: what it holds, whether it is whole, and dropping it. */
export async function openMaintenance() {
  const { dropStore, storeStats, verifyStore } = await import('./adapters/embedded/maintenance.ts');
  return { dropStore, storeStats, verifyStore };
}
