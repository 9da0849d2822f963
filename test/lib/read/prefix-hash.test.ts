import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../src/lib/read/blocks.ts';
import { EventCutter } from '../../../src/lib/read/event-cutter.ts';
import { createJoiner } from '../../../src/lib/read/multiline.ts';
import { NulRuns } from '../../../src/lib/read/nul-runs.ts';
import { PrefixHash } from '../../../src/lib/read/prefix-hash.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The bytes in chunks that are views of one buffer, as a file is read. */
function* chunksOf(content: Buffer, size: number): Generator<Uint8Array> {
  const buffer = Buffer.alloc(size);
  for (let from = 0; from < content.length; from += size) {
    buffer.fill(0xaa);
    const length = content.copy(buffer, 0, from);
    yield buffer.subarray(0, length);
  }
}

describe('PrefixHash', () => {
  const piece = fc.oneof(
    fc.stringMatching(/^[a-z {]{0,90}$/),
    fc.constantFrom('\n', '\n', '\n', '\n  at x (y.js:1:1)\n', '{"a":1}\n', '\0'.repeat(20), '\0'.repeat(5000)),
  );

  it('gives the hash of the bytes before the end of each block, whatever is held, left out or too long', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        fc.nat({ max: 9 }),
        (pieces, size, joined, start) => {
          const content = Buffer.from(pieces.join(''));
          const hash = new PrefixHash(start, createHash('sha256').update(content.subarray(0, start)));
          const ends: number[] = [];
          const cutter = new EventCutter({
            joiner: joined ? createJoiner('auto') : undefined,
            maxLine: 64,
            blockSize: 48,
            start,
            emit: ({ to }) => ends.push(to),
          });
          const nuls = new NulRuns(cutter);
          const check = () => {
            for (const end of ends.splice(0)) expect(hash.upTo(end)).toBe(sha256(content.subarray(0, end)));
          };
          for (const chunk of chunksOf(content.subarray(start), size)) {
            hash.push(chunk);
            nuls.push(chunk);
            check();
            hash.settle(cutter.settled);
          }
          nuls.end();
          cutter.end({ whole: true });
          check();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('sees what blocks are made of, the byte order mark too', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${'.'.repeat(100)}\n`).join('');
    const content = Buffer.concat([
      Buffer.from('\ufeff'),
      Buffer.from(lines),
      Buffer.alloc(1_500_000),
      Buffer.from(`${'x'.repeat(2_500_000)}\n${lines}rest`),
    ]);
    const watch = new PrefixHash(0, createHash('sha256'));
    async function* stream() {
      yield* chunksOf(content, 300_000);
    }
    const options = { joiner: createJoiner('auto'), everyLine: false, start: 0, mark: 3, live: false };
    let blocks = 0;
    let last = 0;
    for await (const { to } of readBlocks(stream(), { ...options, isWhole: () => true, watch }, { nulBytes: 0 })) {
      expect(watch.upTo(to)).toBe(sha256(content.subarray(0, to)));
      blocks += 1;
      last = to;
    }
    expect(blocks).toBeGreaterThan(5);
    expect(last).toBe(content.length);
  });

  it('does not hold the hole at the start of a file', () => {
    const hash = new PrefixHash(0, createHash('sha256'));
    const chunk = Buffer.alloc(1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 64; n += 1) {
      hash.push(chunk);
      hash.settle(0);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(hash.upTo(3 * chunk.length)).toBe(sha256(Buffer.alloc(3 * chunk.length)));
  });
});
