import type { Fs, OpenFile } from '../../../src/lib/buffer/fs.ts';

/** One call to the file system: its name in `Fs` or `OpenFile`, and the path it is about. */
export interface FsCall {
  readonly name: string;
  readonly path: string;
}

/** An error as `node:fs` throws it. */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/**
 * An `Fs` that asks `before` at each call; what it throws, the call throws instead of being made. A number that it
 * gives for `writev` is how many bytes get written, at most.
 */
export function faultFs(fs: Fs, before: (call: FsCall) => number | undefined | void): Fs {
  const guard = async <T>(name: string, path: string, call: (most: number) => Promise<T>): Promise<T> => {
    const most = before({ name, path });
    return call(typeof most === 'number' ? most : Number.POSITIVE_INFINITY);
  };
  const file = (open: OpenFile, path: string): OpenFile => ({
    read: (into, position) => guard('read', path, () => open.read(into, position)),
    writev: (buffers, position) =>
      guard('writev', path, (most) => {
        if (most === Number.POSITIVE_INFINITY) return open.writev(buffers, position);
        return open.writev([Buffer.concat(buffers).subarray(0, most)], position);
      }),
    datasync: () => guard('datasync', path, () => open.datasync()),
    truncate: (length) => guard('truncate', path, () => open.truncate(length)),
    size: () => open.size(),
    close: () => open.close(),
  });
  return {
    open: (path, how) => guard(`open:${how}`, path, async () => file(await fs.open(path, how), path)),
    readFile: (path) => guard('readFile', path, () => fs.readFile(path)),
    list: (path) => guard('list', path, () => fs.list(path)),
    makeFolder: (path) => guard('makeFolder', path, () => fs.makeFolder(path)),
    link: (existing, name) => guard('link', name, () => fs.link(existing, name)),
    rename: (from, to) => guard('rename', to, () => fs.rename(from, to)),
    unlink: (path) => guard('unlink', path, () => fs.unlink(path)),
    removeFolder: (path) => guard('removeFolder', path, () => fs.removeFolder(path)),
    stat: (path) => guard('stat', path, () => fs.stat(path)),
    volume: (path) => guard('volume', path, () => fs.volume(path)),
    syncFolder: (path) => guard('syncFolder', path, () => fs.syncFolder(path)),
  };
}
