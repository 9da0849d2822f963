import { randomBytes } from 'node:crypto';
import { crc32 as ofZlib } from 'node:zlib';
import { expect, it } from 'vitest';
import { crc32 } from '../../../src/lib/buffer/crc32.ts';

it('is the sum of zlib, before and after the faster one is loaded', () => {
  const bytes = randomBytes(2 ** 20 + 7);
  let ours = 0;
  let zlibs = 0;
  for (let turn = 0; turn < 40; turn++) {
    const piece = bytes.subarray(turn * 3, bytes.length - turn * 1001);
    ours = crc32(piece, ours);
    zlibs = ofZlib(piece, zlibs);
    expect(ours).toBe(zlibs);
  }
});

it('takes what is empty, what is short and what lies in the memory of WebAssembly', () => {
  // So much that the faster one is loaded.
  for (let turn = 0; turn < 5; turn++) crc32(Buffer.alloc(8 * 2 ** 20));
  expect(crc32(new Uint8Array(0), 5)).toBe(5);
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  const { Memory } = WebAssembly as unknown as { Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer } };
  const memory = new Memory({ initial: 1 });
  const view = Buffer.from(memory.buffer, 100, 1000).fill('log');
  expect(crc32(view, 7)).toBe(ofZlib(view, 7));
});
