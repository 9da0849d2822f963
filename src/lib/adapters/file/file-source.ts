import { type BigIntStats, close as closeFd, constants, fstat, open as openFd, read as readFd } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { LogsError } from '../../errors.ts';
import { untilAborted } from '../../read/byte-stream.ts';
import type { LogSource } from '../../read/source.ts';
import { readFailure } from './read-failure.ts';

/** Bytes read at once, where nobody says. */
const READ_SIZE = 1024 * 1024;
/** At once of a file that is shorter: of those in /proc, no size is known. */
const LEAST_READ = 16 * 1024;

const openAsync = promisify(openFd);
const statAsync = promisify(fstat) as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;
const readAsync = promisify(readFd);
const closeAsync = promisify(closeFd);

/**
 * Opens a file; or a FIFO or a device, as a stream that ends when its writers do. It stays open until `close`, so that
 * a file renamed or removed meanwhile is still the one that was looked at. Throws NOT_FOUND, NOT_READABLE and
 * TOO_MANY_FILES, naming the path. `readSize`: bytes of a file read at once, and held while it is read.
 */
export async function openFileSource(path: string, readSize = READ_SIZE): Promise<LogSource> {
  // Without NONBLOCK, opening a FIFO waits for its writer in a thread that nothing can call back.
  const fd = await openAsync(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw readFailure(path, error);
  });
  const info = await statAsync(fd, { bigint: true });
  if (info.isDirectory()) {
    await closeAsync(fd);
    throw new LogsError('NOT_READABLE', `cannot read ${path}: it is a folder`);
  }
  if (!info.isFile()) return streamSource(path, fd, info.isFIFO());
  let closed = false;
  return {
    name: path,
    identity: { device: info.dev, inode: info.ino, born: bornOf(info) },
    size: Number(info.size),
    read: (signal, from = 0) => readFile(fd, path, signal, from, Math.min(readSize, Number(info.size))),
    async close() {
      if (!closed) await closeAsync(fd);
      closed = true;
    },
  };
}

type Times = Pick<BigIntStats, 'birthtimeNs' | 'ctimeNs' | 'atimeNs' | 'mtimeNs'>;

/**
 * When a file was born; 0 where that is not known. The file system gives 0, or, where statx(2) is not allowed, the
 * time of the last change stands in its place, which moves on: the file was then read or written before its birth.
 */
export function bornOf({ birthtimeNs, ctimeNs, atimeNs, mtimeNs }: Times): bigint {
  return birthtimeNs === ctimeNs && (atimeNs < birthtimeNs || mtimeNs < birthtimeNs) ? 0n : birthtimeNs;
}

/** `from` null: a device, which has no positions. */
async function* readFile(
  fd: number,
  path: string,
  signal: AbortSignal,
  from: number | null,
  size = READ_SIZE,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, Math.max(LEAST_READ, size)));
  let position = from;
  while (!signal.aborted) {
    const { bytesRead } = await readAsync(fd, buffer, 0, buffer.length, position).catch((error: unknown) => {
      throw readFailure(path, error);
    });
    if (bytesRead === 0) return;
    if (position !== null) position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function streamSource(path: string, fd: number, pipe: boolean): LogSource {
  const base = { name: path, identity: undefined, size: undefined };
  // Such as /dev/null: Node makes no stream of it.
  if (!pipe && !isatty(fd)) {
    return { ...base, read: (signal) => readFile(fd, path, signal, null), close: () => closeAsync(fd) };
  }
  const stream = pipe ? new Socket({ fd, readable: true, writable: false }) : new ReadStream(fd);
  return {
    ...base,
    read: (signal) => untilAborted(stream, signal),
    close: async () => {
      stream.destroy();
    },
  };
}
