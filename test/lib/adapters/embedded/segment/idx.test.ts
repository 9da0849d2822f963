import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  filtersOf,
  mayHoldRun,
  mayHoldToken,
  tokenHash,
  tokensOf,
} from '../../../../../src/lib/adapters/embedded/segment/filters.ts';
import { decodeIndex, encodeIndex, runOf } from '../../../../../src/lib/adapters/embedded/segment/idx.ts';
import { crcOf } from '../../../../../src/lib/buffer/crc.ts';

const words = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `word_${from + at}`);

describe('the filters of a group', () => {
  it('hold every token and every run inside one, in any case, and few others', () => {
    const tokens = tokensOf(`Hello, wörld_1 ${words(0, 3000).join(' ')} x`);
    expect(tokens.slice(0, 3)).toEqual(['hello', 'w', 'rld_1']);
    const filters = filtersOf(new Set(tokens));
    for (const token of tokens) {
      expect(mayHoldToken(filters, token)).toBe(true);
      expect(mayHoldToken(filters, token.toUpperCase())).toBe(true);
      for (let at = 0; at < token.length; at++) expect(mayHoldRun(filters, token.slice(at))).toBe(true);
    }
    expect(words(3000, 6000).filter((token) => mayHoldToken(filters, token)).length).toBeLessThan(300);
    const absent = words(0, 300).map((_, at) => `q${at.toString(26).replace(/\d/g, 'z')}zq`);
    expect(absent.filter((run) => mayHoldRun(filters, run)).length).toBeLessThan(100);
  });

  it('hash as docs/store.md says, at every length', () => {
    expect(tokenHash('a')).toBe(tokenHash('A'));
    expect(tokenHash('_')).not.toBe(tokenHash('?'));
    expect(new Set(['', 'a', 'aaaaaaaa', 'aaaaaaaaa', 'aaaaaaaaaaaaaaaaa'].map(tokenHash)).size).toBe(5);
  });
});

describe('an index', () => {
  const groups = [0, 1].map((at) => ({
    offset: at * 100,
    length: 100,
    crc: 7 + at,
    rows: 2048,
    minTs: 5n,
    maxTs: 2n ** 62n,
    open: at === 1,
    filters: filtersOf(new Set(words(at * 10, at * 10 + 10))),
  }));
  const index = {
    rows: 4096,
    groups,
    footer: { offset: 200, length: 10, crc: 9 },
    runs: [
      { firstRow: 0, rows: 4000, writer: '0123456789ab', seq: 3, line: 0, received: 1_700_000_000_000 },
      { firstRow: 4000, rows: 96, writer: 'ba9876543210', seq: 1, line: 17, received: 1_600_000_000_000 },
    ],
    keys: [{ key: 'pod', rows: 17, distinct: 3 }],
  };

  it('comes back as it was, with the checksums of its filters', () => {
    const decoded = decodeIndex(encodeIndex(index), 'x.idx');
    expect(decoded).toEqual({
      ...index,
      groups: groups.map((group) => ({
        ...group,
        filterCrc: crcOf(Buffer.concat([group.filters.tokens, group.filters.trigrams])),
      })),
    });
    expect(runOf(decoded.runs, 4001)).toMatchObject({ seq: 1 });
  });

  it('is told from other bytes and other versions', () => {
    const bytes = encodeIndex(index);
    for (const other of [Buffer.alloc(0), bytes.subarray(1), deflateRawSync('{"format":1}'), bytes.subarray(0, 20)]) {
      expect(() => decodeIndex(other, 'x.idx')).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
    }
    bytes[3] = 0x33;
    expect(() => decodeIndex(bytes, 'x.idx')).toThrow(expect.objectContaining({ code: 'STORE_VERSION' }));
  });
});
