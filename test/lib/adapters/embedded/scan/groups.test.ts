import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReferenceScanner } from '../../../../../src/lib/adapters/embedded/scan/reference-scanner.ts';
import type {
  EventBlock,
  GroupRequest,
  ScannedGroup,
} from '../../../../../src/lib/adapters/embedded/scan/scanned-group.ts';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import type { EventContext } from '../../../../../src/lib/record/record.ts';
import { KEYS, likelyLine } from './arbitrary-event.ts';
import { RECEIVED, textsOf } from './scanned-rows.ts';

const DAY = 86_400_000_000_000n;
const TODAY = Number(RECEIVED / DAY);

interface Frame {
  readonly lines: readonly string[];
  readonly context: EventContext;
  readonly receivedAt: bigint;
}

/** Frames with a header before each, as a log file has them; the headers are longer than what is copied with events. */
function blockOf(frames: readonly Frame[]): EventBlock {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  const put = (text: string): void => {
    const bytes = Buffer.from(text);
    parts.push(bytes);
    at += bytes.length;
  };
  frames.forEach(({ lines }, number) => {
    put(`{"~f":1}${' '.repeat(number % 2 === 0 ? 10 : 5000)}\n`);
    for (const line of lines) {
      starts.push(at);
      put(line);
      ends.push(at);
      put('\n');
    }
  });
  return {
    bytes: Buffer.concat(parts),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    frames: frames.map(({ lines, context, receivedAt }) => ({ events: lines.length, context, receivedAt })),
  };
}

/** What two scanners must agree on, whatever way they lay marks. */
function shownOf(group: ScannedGroup): unknown {
  const column = (name: string): unknown[] =>
    textsOf(group.columns.find((one) => one.name === name)!, group.rows).map((value) => value?.toString('latin1'));
  const { next, rows, rawBytes, minTs, maxTs, others, unparsed } = group;
  return {
    counts: [next, rows, rawBytes, minTs, maxTs],
    events: [...group.events],
    times: [...group.times],
    others: [...others],
    unparsed: [...unparsed],
    columns: ['level', 'service', 'host', 'trace_id', 'span_id', 'line_b', 'ctx'].map(column),
    pairs: group.counts?.map((count) => JSON.stringify(count)).sort((one, other) => (one < other ? -1 : 1)),
  };
}

const line = fc.oneof(
  { weight: 4, arbitrary: likelyLine },
  { weight: 1, arbitrary: fc.nat({ max: 3 }).map((day) => `{"ts":"2026-09-${18 + day}T01:02:03Z","msg":"m"}`) },
  { weight: 1, arbitrary: fc.constantFrom('plain text', '{"a":', '2026-09-20 10:00:00 ERROR x', '\u00ff{') },
);
const frame: fc.Arbitrary<Frame> = fc.record({
  lines: fc.array(line, { maxLength: 6 }),
  context: fc.constantFrom<EventContext>({}, { service: 'web', host: 'h' }, { fields: { pod: 'p' }, file: '/f' }),
  receivedAt: fc.constantFrom(RECEIVED, RECEIVED - 3n * DAY),
});

describe('row groups', () => {
  it('hold the same rows as those of the reference, by day and in pieces', () => {
    const scanner = new Scanner({ columns: KEYS });
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(null, TODAY, TODAY - 1, TODAY - 3),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        (frames, day, rows, every) => {
          const block = blockOf(frames);
          const events = Uint32Array.from(block.starts.keys()).filter((event) => event % every === 0);
          const reference = new ReferenceScanner({ columns: KEYS });
          for (let from = 0; from < events.length; ) {
            const request: GroupRequest = { events, from, day, rows };
            const group = scanner.scan(block, request);
            expect(shownOf(group)).toEqual(shownOf(reference.scan(block, request)));
            expect(scanner.firstDifference(block)).toBe(-1);
            from = group.next;
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are of other keys once the scanner is told so', () => {
    const block = blockOf([{ lines: ['{"a":1,"b":"x","c":true}'], context: {}, receivedAt: RECEIVED }]);
    const request: GroupRequest = { events: Uint32Array.of(0), from: 0, day: null, rows: 10 };
    const scanner = new Scanner({ columns: ['a', 'b'] });
    const value = (group: ScannedGroup, name: string): string | undefined =>
      textsOf(group.columns.find((one) => one.name === name)!, group.rows)[0]?.toString();
    const first = scanner.scan(block, request);
    expect([value(first, 'k0'), value(first, 'k1'), value(first, 'rest')]).toEqual([
      '1',
      'x',
      '{"a":\u0006\u0024,"b":"\u0006\u0025","c":true}',
    ]);
    expect(first.columns.map(({ integers }) => integers).slice(7, 9)).toEqual([true, false]);
    scanner.use({ columns: ['b'] });
    const second = scanner.scan(block, request);
    expect([value(second, 'k0'), value(second, 'rest')]).toEqual(['x', '{"a":1,"b":"\u0006\u0024","c":true}']);
    expect(second.columns.some(({ name }) => name === 'k1')).toBe(false);
  });

  it('take an event of many megabytes', () => {
    const text = 'word "quoted" \\ ';
    const lines = [10_000, 300_000].flatMap((times) => [
      JSON.stringify({ level: 'warn', msg: text.repeat(times) }),
      JSON.stringify({ msg: JSON.stringify({ message: text.repeat(times) }) }),
    ]);
    const block = blockOf([{ lines, context: {}, receivedAt: RECEIVED }]);
    const scanner = new Scanner({ columns: [] });
    const group = scanner.scan(block, { events: Uint32Array.of(0, 1, 2, 3), from: 0, day: TODAY, rows: 2048 });
    expect([group.rows, group.slow, scanner.firstDifference(block)]).toEqual([4, 2, -1]);
  });

  it('count keys and their values', () => {
    const lines = Array.from(
      { length: 2000 },
      (_, at) => `{"pod":"p${at % 7}","id":"${at * 7919}","level":"info","n":${at % 3},"o":{}}`,
    );
    const block = blockOf([{ lines, context: {}, receivedAt: RECEIVED }]);
    const events = Uint32Array.from(lines.keys());
    const { keys } = new Scanner({ columns: ['pod'] }).scan(block, { events, from: 0, day: null, rows: 4096 });
    const by = new Map(keys.map((one) => [one.key, one]));
    expect([...by.keys()].sort((one, other) => (one < other ? -1 : 1))).toEqual(['id', 'n', 'pod']);
    expect([by.get('pod')?.distinct, by.get('n')?.distinct]).toEqual([7, 3]);
    expect(by.get('id')?.distinct).toBeGreaterThan(250);
    expect(Math.abs((by.get('pod')?.rows ?? 0) - 2000)).toBeLessThan(32);
  });
});
