import { expect, it } from 'vitest';
import { ReferenceScanner } from '../../../../../src/lib/adapters/embedded/scan/reference-scanner.ts';
import type { EventBlock } from '../../../../../src/lib/adapters/embedded/scan/scanned-group.ts';
import { mayHoldToken } from '../../../../../src/lib/adapters/embedded/segment/filters.ts';

const LINES = [
  '{"time":"2024-03-01T10:00:00Z","level":"info","service":"a","pod":"p1","n":1,"msg":"Hello wörld"}',
  '{"time":"2024-03-02T10:00:00Z","pod":"p2","n":"2","msg":"other day"}',
  '{"time":"2024-03-01T11:00:00Z","level":"warn","service":"a","pod":"p1","n":"x","msg":"third"}',
  '{"broken":',
];

function block(): EventBlock {
  const bytes = Buffer.from(LINES.map((line) => `${line}\n`).join(''));
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const line of LINES) {
    starts.push(at);
    ends.push(at + Buffer.byteLength(line));
    at += Buffer.byteLength(line) + 1;
  }
  const receivedAt = BigInt(Date.parse('2024-03-01T12:00:00Z')) * 1_000_000n;
  const frames = [
    { events: 1, context: { host: 'h1' }, receivedAt },
    { events: 3, context: {}, receivedAt },
  ];
  return { bytes, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends), frames };
}

it('makes rows of one day and lists the others', () => {
  const scanner = new ReferenceScanner({ columns: ['pod', 'n'] });
  const day = Date.parse('2024-03-01') / 86_400_000;
  const given = block();
  const events = Uint32Array.of(0, 1, 2, 3);
  const group = scanner.scan(given, { events, from: 0, day, rows: 2 });
  expect(group).toMatchObject({ next: 3, rows: 2, others: [{ event: 1, day: day + 1 }], unparsed: [] });
  expect([...group.events]).toEqual([0, 2]);
  expect(group.columns.map(({ name }) => name)).toEqual(
    'ts tf level service host trace_id span_id k0 k1 message rest line_b ctx mt'.split(' '),
  );
  expect(group.columns.find(({ name }) => name === 'k1')?.integers).toBe(false);
  expect(group.counts).toEqual([
    ['a', 'INFO', day * 24 + 10, 1],
    ['a', 'WARN', day * 24 + 11, 1],
  ]);
  expect(group.keys).toEqual([
    { key: 'pod', rows: 2, distinct: 1 },
    { key: 'n', rows: 2, distinct: 2 },
  ]);
  const holds = ['hello', 'rld', 'H1', 'pod', 'p2', 'absent'].map((token) => mayHoldToken(group.filters, token));
  expect(holds).toEqual([true, true, true, true, false, false]);
  expect(scanner.firstDifference(given)).toBe(-1);
  const rest = scanner.scan(given, { events, from: group.next, day: null, rows: 2 });
  expect(rest).toMatchObject({ next: 4, rows: 1, unparsed: [3] });
  given.bytes[given.starts[3] ?? 0] = 0x5b;
  expect(scanner.firstDifference(given)).toBe(0);
});
