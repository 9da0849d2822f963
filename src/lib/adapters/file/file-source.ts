import { close as closeFd, constants, fstat, open as openFd, read as readFd } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { LogsError } from '../../errors.ts';
import { untilAborted } from '../../read/byte-stream.ts';
import type { LogSource } from '../../read/source.ts';
import { readFailure } from './read-failure.ts';

/** Bytes read at once. */
const READ_SIZE = 1024 * 1024;

const openAsync = promisify(openFd);
const statAsync = promisify(fstat) as (fd: number, options: { bigint: true }) => Promise<import('node:fs').BigIntStats>;
const readAsync = promisify(readFd);
const closeAsync = promisify(closeFd);

/**
 * Opens a file; or a FIFO or a device, as a stream that ends when its writers do. It stays open until `close`, so that
 * a file renamed or removed meanwhile is still the one that was looked at. Throws NOT_FOUND, NOT_READABLE and
 * TOO_MANY_FILES, naming the path.
 */
export async function openFileSource(path: string): Promise<LogSource> {
  // Without NONBLOCK, opening a FIFO waits for its writer in a thread that nothing can call back.
  const fd = await openAsync(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw readFailure(path, error);
  });
  const info = await statAsync(fd, { bigint: true });
  if (info.isDirectory()) {
    await closeAsync(fd);
    throw new LogsError('NOT_READABLE', `${path} is a directory`);
  }
  if (!info.isFile()) return streamSource(path, fd);
  let closed = false;
  return {
    name: path,
    identity: { device: info.dev, inode: info.ino, born: info.birthtimeNs },
    size: Number(info.size),
    read: (signal, from = 0) => readFile(fd, path, signal, from),
    async close() {
      if (!closed) await closeAsync(fd);
      closed = true;
    },
  };
}

async function* readFile(fd: number, path: string, signal: AbortSignal, from: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  let position = from;
  while (!signal.aborted) {
    const { bytesRead } = await readAsync(fd, buffer, 0, buffer.length, position).catch((error: unknown) => {
      throw readFailure(path, error);
    });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function streamSource(path: string, fd: number): LogSource {
  const socket = new Socket({ fd, readable: true, writable: false });
  return {
    name: path,
    identity: undefined,
    size: undefined,
    read: (signal) => untilAborted(socket, signal),
    close: async () => {
      socket.destroy();
    },
  };
}
