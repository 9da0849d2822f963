import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  unlinkSync,
  writevSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { type Fs, infoOf, isNoPath, OPEN_FLAGS, type OpenFile, volumeOf } from './fs.ts';

const datasync = promisify(fdatasync);
const sync = promisify(fsync);

function opened(fd: number): OpenFile {
  return {
    read: async (into, position) => readSync(fd, into, 0, into.length, position),
    writev: async (buffers, position) => writevSync(fd, [...buffers], position),
    datasync: () => datasync(fd),
    truncate: async (length) => ftruncateSync(fd, length),
    size: async () => fstatSync(fd).size,
    close: async () => closeSync(fd),
  };
}

/**
 * `Fs` for a thread that computes for long between two turns of its loop: what the kernel answers from its memory is
 * answered at once, not after the next turn. Only what waits for the disk waits in another thread.
 */
export const promptFs: Fs = {
  open: async (path, how) => opened(openSync(path, OPEN_FLAGS[how], 0o600)),
  readFile: async (path) => readFileSync(path),
  list: async (path) => readdirSync(path),
  makeFolder: async (path) => mkdirSync(path, { mode: 0o700 }),
  link: async (existing, name) => linkSync(existing, name),
  rename: async (from, to) => renameSync(from, to),
  unlink: async (path) => unlinkSync(path),
  removeFolder: async (path) => rmdirSync(path),
  stat: async (path) => {
    try {
      return infoOf(lstatSync(path));
    } catch (error) {
      if (isNoPath(error)) return undefined;
      throw error;
    }
  },
  volume: async (path) => volumeOf(statfsSync(path)),
  async syncFolder(path) {
    const fd = openSync(path, constants.O_RDONLY);
    try {
      await sync(fd);
    } finally {
      closeSync(fd);
    }
  },
};
