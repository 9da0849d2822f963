import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ScannedGroup } from '../../../../../src/lib/adapters/embedded/scan/scanned-group.ts';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import { rebuildLine } from '../../../../../src/lib/adapters/embedded/segment/rebuild.ts';
import { KEYS, eventLine, likelyLine } from './arbitrary-event.ts';
import { markedName, RECEIVED, textsOf } from './scanned-rows.ts';

/** The line of the only row as a reader makes it of the columns; undefined where it cannot. */
function rebuilt({ columns, times, rows }: ScannedGroup): Buffer | undefined {
  const texts = new Map(columns.map((column) => [column.name, textsOf(column, rows)[0]]));
  const get = (name: string): string | undefined => texts.get(name)?.toString('utf8');
  const bytes = texts.get('line_b');
  if (bytes !== undefined) return bytes;
  try {
    const line = rebuildLine({
      ts: times[0] ?? 0n,
      flags: texts.get('tf')?.readInt32LE(0) ?? 0,
      message: get('message'),
      rest: get('rest') ?? '',
      column: (number) => get(markedName(number)),
    });
    return Buffer.from(line);
  } catch {
    return undefined;
  }
}

it('finds every row of changed columns that a reader would not give back as it came', () => {
  const scanner = new Scanner({ columns: KEYS });
  const bytes = fc.oneof(fc.nat(255), fc.constantFrom(1, 2, 3, 4, 5, 6, 0x22, 0x5c, 0x20, 0x24));
  const change = fc.record({
    column: fc.constantFrom('message', 'rest', 'service', 'trace_id', 'k0', 'mt'),
    at: fc.nat(),
    byte: bytes,
  });
  let changed = 0;
  fc.assert(
    fc.property(fc.oneof(likelyLine, eventLine), fc.array(change, { minLength: 1, maxLength: 3 }), (line, changes) => {
      const raw = Buffer.from(line);
      fc.pre(raw.length > 0 && !raw.includes(10));
      const block = {
        bytes: raw,
        starts: Uint32Array.of(0),
        ends: Uint32Array.of(raw.length),
        frames: [{ events: 1, context: {}, receivedAt: RECEIVED }],
      };
      const group = scanner.scan(block, { events: Uint32Array.of(0), from: 0, day: null, rows: 8 });
      for (const { column, at, byte } of changes) {
        const { values = [], repeated } = group.columns.find(({ name }) => name === column) ?? {};
        // A length, four bytes, and the text: the scanner's own memory.
        const piece = [...(repeated?.values ?? []), ...values][0];
        if (piece !== undefined && piece.length > 4) piece[4 + (at % (piece.length - 4))] = byte;
      }
      const isSame = rebuilt(group)?.equals(raw) === true;
      if (!isSame) changed++;
      if (scanner.firstDifference(block) === -1) expect(isSame).toBe(true);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 2000) },
  );
  expect(changed).toBeGreaterThan(500);
});
