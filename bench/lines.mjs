// Tells whether two streams hold the same lines, whatever their order: a fingerprint that is a sum over lines.
import { createHash } from 'node:crypto';

const mask = (1n << 64n) - 1n;

/** Feed it chunks with `add`; `end` gives {lines, bytes, sum}. Empty lines do not count: they are no events. */
export function lineFingerprint() {
  let rest = Buffer.alloc(0);
  let lines = 0;
  let bytes = 0;
  let high = 0n;
  let low = 0n;

  const take = (line) => {
    if (line.length === 0) return;
    const hash = createHash('sha256').update(line).digest();
    high = (high + hash.readBigUInt64LE(0)) & mask;
    low = (low + hash.readBigUInt64LE(8)) & mask;
    lines += 1;
    bytes += line.length + 1;
  };
  return {
    add(chunk) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
        take(data.subarray(start, end));
        start = end + 1;
      }
      rest = Buffer.from(data.subarray(start));
    },
    end() {
      take(rest);
      rest = Buffer.alloc(0);
      return { lines, bytes, sum: `${high.toString(16)}-${low.toString(16)}` };
    },
  };
}
