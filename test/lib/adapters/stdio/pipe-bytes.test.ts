import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPipe } from '../../../../src/lib/adapters/stdio/pipe-bytes.ts';

let folder = '';
let fifo = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-pipe-'));
  fifo = join(folder, 'fifo');
  execFileSync('sh', ['-c', 'mkfifo "$0"', fifo]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The reading end, with a writer that stays. */
function reader(): ReturnType<typeof openPipe> {
  openSync(fifo, constants.O_RDWR);
  return openPipe(openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK));
}

describe('openPipe', () => {
  it('gives all bytes in order, into one buffer, to a reader that is slow', async () => {
    const content = randomBytes(3_000_000);
    writeFileSync(join(folder, 'content'), content);
    const pipe = reader();
    spawn('sh', ['-c', 'cat content > fifo'], { cwd: folder, stdio: 'ignore' });
    const hash = createHash('sha256');
    const buffers = new Set<ArrayBufferLike>();
    let length = 0;
    for await (const bytes of pipe.read(new AbortController().signal)) {
      hash.update(bytes);
      buffers.add(bytes.buffer);
      length += bytes.length;
      if (length % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (length === content.length) break;
    }
    pipe.close();
    expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
    expect(buffers.size).toBe(1);
  });

  it('leaves a silent pipe at an abort', async () => {
    const pipe = reader();
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(), 50);
    const found: Uint8Array[] = [];
    for await (const bytes of pipe.read(aborting.signal)) found.push(bytes);
    expect(found).toEqual([]);
  });
});
