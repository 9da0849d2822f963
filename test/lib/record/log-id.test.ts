import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLogId, type LogId, parseLogId } from '../../../src/lib/record/log-id.ts';

const id = fc.record({
  receivedMs: fc.nat(2 ** 48 - 1),
  writer: fc.nat(2 ** 48 - 1).map((value) => value.toString(16).padStart(12, '0')),
  seq: fc.nat(2 ** 40 - 1),
  line: fc.nat(2 ** 24 - 1),
});

function format({ receivedMs, writer, seq, line }: LogId): string {
  return formatLogId(receivedMs, writer, seq, line);
}

describe('log ids', () => {
  it('are 32 characters whose bits are the parts, highest first', () => {
    fc.assert(
      fc.property(id, (parts) => {
        const text = format(parts);
        expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{32}$/);
        expect(parseLogId(text)).toEqual(parts);
        expect(parseLogId(text.toLowerCase())).toEqual(parts);
      }),
    );
  });

  it('sort by time, writer, frame, line', () => {
    const key = ({ receivedMs, writer, seq, line }: LogId) =>
      [receivedMs, Number.parseInt(writer, 16), seq, line].map((part) => String(part).padStart(16, '0')).join();
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(format(a) < format(b)).toBe(key(a) < key(b));
      }),
    );
  });

  it('are nothing else', () => {
    expect(parseLogId('')).toBeUndefined();
    expect(parseLogId('U'.repeat(32))).toBeUndefined();
    expect(parseLogId('0'.repeat(31))).toBeUndefined();
    expect(formatLogId(2 ** 48 - 1, 'f'.repeat(12), 2 ** 40 - 1, 2 ** 24 - 1)).toBe('Z'.repeat(32));
  });
});
