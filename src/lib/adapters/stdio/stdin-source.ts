import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { untilAborted } from '../../read/byte-stream.ts';
import type { LogSource } from '../../read/source.ts';

const READ_SIZE = 1024 * 1024;
const readAsync = promisify(read);

/**
 * Standard input. A pipe or a terminal is read through Node's stream, which can be left while it is silent (a read
 * that waits in a thread would keep the process from ending); a redirected file in large reads. Either has no
 * identity: what comes through a pipe twice is stored twice.
 */
export function openStdin(): LogSource {
  const file = fstatSync(0).isFile();
  return {
    name: '-',
    identity: undefined,
    size: undefined,
    read: (signal) => (file ? readFile(signal) : untilAborted(process.stdin, signal)),
    close: async () => {
      if (!file) process.stdin.destroy();
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
