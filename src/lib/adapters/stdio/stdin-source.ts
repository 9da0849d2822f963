import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { untilAborted } from '../../read/byte-stream.ts';
import type { LogSource } from '../../read/source.ts';
import { openPipe } from './pipe-bytes.ts';

const READ_SIZE = 1024 * 1024;
const readAsync = promisify(read);

/**
 * Standard input: a pipe or a socket through libuv, a redirected file in large reads, a terminal through Node's stream.
 * None has an identity: what comes through a pipe twice is stored twice.
 */
export function openStdin(): LogSource {
  return { name: '-', identity: undefined, size: undefined, ...reading() };
}

function reading(): Pick<LogSource, 'read' | 'close'> {
  const kind = fstatSync(0);
  if (kind.isFile()) return { read: readFile, close: async () => undefined };
  if (kind.isFIFO() || kind.isSocket()) {
    const pipe = openPipe(0);
    return { read: (signal) => pipe.read(signal), close: async () => pipe.close() };
  }
  return {
    read: (signal) => untilAborted(process.stdin, signal),
    close: async () => {
      process.stdin.destroy();
    },
  };
}

async function* readFile(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  while (!signal.aborted) {
    // At the position that whoever opened the file left it at.
    const { bytesRead } = await readAsync(0, buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
