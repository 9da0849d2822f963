import { constants, promises as nodeFsPromises, type Stats, type StatsFs } from 'node:fs';

/** What a store needs to know about a path. Times are milliseconds since 1970, sizes bytes. */
export interface PathInfo {
  readonly kind: 'file' | 'folder' | 'socket' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly modified: number;
  readonly born: number;
}

/** The file system a path is on. */
export interface VolumeInfo {
  /** Magic number of statfs(2) on Linux. */
  readonly type: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** An open file. Positions are always given, so that nothing depends on a file offset that a failed call left behind. */
export interface OpenFile {
  /** Bytes read, 0 at the end of the file; may be fewer than asked for. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** One writev(2): bytes written, which may be fewer than given (a disk that fills up says nothing at first). */
  writev(buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** fdatasync(2). After it failed the pages count as clean: never try again and trust the answer. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Every call that a store makes to the file system. It is an interface so that a model of power loss can record the
 * calls and a test can kill the process or inject an error at each of them. Errors are those of `node:fs`, with `code`.
 */
export interface Fs {
  /** `read`: existing file. `update`: existing file, for writing. `create`: new file, mode 0600, fails with EEXIST. */
  open(path: string, how: 'read' | 'update' | 'create'): Promise<OpenFile>;
  readFile(path: string): Promise<Buffer>;
  /** Names in a folder, in no order. */
  list(path: string): Promise<string[]>;
  /** One folder, mode 0700; fails with EEXIST. */
  makeFolder(path: string): Promise<void>;
  link(existing: string, name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Undefined when there is no such path. */
  stat(path: string): Promise<PathInfo | undefined>;
  volume(path: string): Promise<VolumeInfo>;
  /** fsync(2) of a folder: only then do new, renamed and removed names in it survive a power cut. */
  syncFolder(path: string): Promise<void>;
}

export const OPEN_FLAGS = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const;

function wrap(handle: nodeFsPromises.FileHandle): OpenFile {
  return {
    async read(into, position) {
      return (await handle.read(into, 0, into.length, position)).bytesRead;
    },
    async writev(buffers, position) {
      return (await handle.writev([...buffers], position)).bytesWritten;
    },
    datasync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}

/** `Fs` by `node:fs`. */
export const nodeFs: Fs = {
  open: async (path, how) => wrap(await nodeFsPromises.open(path, OPEN_FLAGS[how], 0o600)),
  readFile: (path) => nodeFsPromises.readFile(path),
  list: (path) => nodeFsPromises.readdir(path),
  makeFolder: async (path) => {
    await nodeFsPromises.mkdir(path, { mode: 0o700 });
  },
  link: (existing, name) => nodeFsPromises.link(existing, name),
  rename: (from, to) => nodeFsPromises.rename(from, to),
  unlink: (path) => nodeFsPromises.unlink(path),
  removeFolder: (path) => nodeFsPromises.rmdir(path),
  async stat(path) {
    try {
      return infoOf(await nodeFsPromises.lstat(path));
    } catch (error) {
      if (isNoPath(error)) return undefined;
      throw error;
    }
  },
  async volume(path) {
    return volumeOf(await nodeFsPromises.statfs(path));
  },
  async syncFolder(path) {
    const handle = await nodeFsPromises.open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

export function isNoPath(error: unknown): boolean {
  return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
}

export function infoOf(found: Stats): PathInfo {
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSocket() ? 'socket' : 'other';
  return { kind, size: found.size, mode: found.mode & 0o777, modified: found.mtimeMs, born: found.birthtimeMs };
}

export function volumeOf({ type, bavail, blocks, bsize }: StatsFs): VolumeInfo {
  return { type, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** The `code` of an error of `node:fs` or `node:net` (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
