import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import type { SegmentEntry, StoreState } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { aggregateStore } from '../../../../../src/lib/adapters/embedded/read/aggregate-store.ts';
import { lessAtOnce } from '../../../../../src/lib/adapters/embedded/read/less-at-once.ts';
import { inTurn } from '../../../../../src/lib/adapters/embedded/read/memory-turns.ts';
import type { ReadPlace } from '../../../../../src/lib/adapters/embedded/read/read-parts.ts';
import type { GroupRows } from '../../../../../src/lib/adapters/embedded/read/rows-sql.ts';
import { WantedKeys } from '../../../../../src/lib/adapters/embedded/read/wanted-keys.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { parseFilter } from '../../../../../src/lib/query/parse.ts';
import type { AggregatePlan, AggregateTable, ReadReport } from '../../../../../src/lib/store/store.ts';
import { CLOCK } from '../../../query/record.ts';
import { buildSegment } from './build-segment.ts';
import { walkOf } from './walk-of.ts';

const RECEIVED = 1_661_146_200_000;
const SEGMENTS = 3;
const ROWS = 3000;
const tenantDir = mkdtempSync(join(tmpdir(), 'logs-memory-'));
const signal = new AbortController().signal;
let entries: SegmentEntry[];
let told: string[];
let report: ReadReport;

beforeAll(async () => {
  entries = [];
  for (let at = 0; at < SEGMENTS; at++) {
    const events = Array.from({ length: ROWS }, (_, n) => {
      // Some lines are much longer than the others.
      const text = 'lorem ipsum '.repeat(n % 100 === 0 ? 8000 : 400);
      const time = new Date(RECEIVED + at * ROWS + n).toISOString();
      const line = {
        time,
        level: n % 2 === 0 ? 'info' : 'error',
        code: n % 3 === 0 ? n : String(n),
        msg: `${at} ${n} ${text}`,
      };
      return { bytes: Buffer.from(JSON.stringify(line)), context: {} };
    });
    const plan = { tenantDir, name: `m${at}`, keys: ['code'], events, received: RECEIVED, seq: at + 1 };
    entries.push(await buildSegment({ ...plan, groupRows: at === 0 ? 4096 : 2048 }));
  }
}, 60_000);
afterAll(() => rmSync(tenantDir, { recursive: true }));
beforeEach(() => {
  told = [];
});

async function placeWith(memory: number): Promise<ReadPlace> {
  const duck = await Duck.open({ threads: 2, memory, folder: tenantDir });
  onTestFinished(() => duck.close());
  report = { scanned: 0, damage: [] };
  return { fs: nodeFs, tenantDir, duck: async () => duck, report, signal, tell: (text) => void told.push(text) };
}

/** Where every statement with more rows than so many is said to need too much. */
function placeOfFew(most: number): Promise<ReadPlace> {
  return placeWithout((rows) => rows > most);
}

/** Where some statements, by the number of their rows, are said to need too much. */
async function placeWithout(isTooMuch: (rows: number) => boolean): Promise<ReadPlace> {
  const place = await placeWith(512);
  const duck = await place.duck();
  const query: Duck['query'] = async (...asked) => {
    const chunks = await duck.query(...asked);
    if (isTooMuch(chunks.reduce((rows, chunk) => rows + chunk.rowCount, 0)))
      throw new Error('Out of Memory Error: of this test');
    return chunks;
  };
  return { ...place, duck: async () => ({ query, memory: 512 }) as unknown as Duck };
}

async function aggregate(place: ReadPlace, plan: Pick<AggregatePlan, 'functions' | 'by'>): Promise<AggregateTable> {
  const segments = new Map(entries.map((entry) => [`${entry.day}/${entry.name}`, entry]));
  const state: StoreState = { number: 1, segments, consumed: new Map(), positions: new Map() };
  const whole = { filter: { kind: 'all' } as const, range: {}, clock: CLOCK, ...plan };
  return aggregateStore(place, { logs: [], state }, whole, new WantedKeys());
}

async function search(
  place: ReadPlace,
  text: string,
  order: 'oldest' | 'newest',
  { limit = Number.POSITIVE_INFINITY, enough = Number.POSITIVE_INFINITY } = {},
): Promise<string[]> {
  const walk = walkOf(place, entries, parseFilter(text), { order, limit });
  const found: string[] = [];
  for (let page = await walk.next(); page.length > 0 && found.length < enough; page = await walk.next())
    found.push(...page.map(({ message }) => message?.slice(0, 12) ?? ''));
  return found;
}

const COUNT = { kind: 'count' } as const;
const STATISTICS: readonly (readonly [name: string, plan: Pick<AggregatePlan, 'functions' | 'by'>])[] = [
  ['groups', { functions: [COUNT], by: [{ kind: 'field', field: 'message' }] }],
  ['distinct values', { functions: [{ kind: 'distinct', field: 'message' }, COUNT], by: [] }],
  [
    'groups of numbers and texts',
    { functions: [COUNT], by: ['code', 'message'].map((name) => ({ kind: 'field', field: name }) as const) },
  ],
];

describe('what needs more memory than the database may have at once', () => {
  it.each(STATISTICS)('is counted all the same: %s', async (_, plan) => {
    const expected = await aggregate(await placeWith(512), plan);
    expect([told, report]).toEqual([[], expect.objectContaining({ scanned: SEGMENTS * ROWS, damage: [] })]);
    expect(await aggregate(await placeWith(48), plan)).toEqual(expected);
    expect(told).not.toEqual([]);
    expect(report).toMatchObject({ scanned: SEGMENTS * ROWS, damage: [] });
  });

  it('is found all the same, each event once and in order', async () => {
    const expected = await search(await placeWith(512), '/m ipsum/', 'newest');
    expect([told, expected.length]).toEqual([[], SEGMENTS * ROWS]);
    // Whether that is too little is a matter of what two threads do at the same time.
    expect(await search(await placeWith(48), '/m ipsum/', 'newest')).toEqual(expected);
  });

  it.each(['*', '/m ipsum/', '*:"1 7*"'])('comes in pieces as it does whole, whatever is asked: %s', async (query) => {
    for (const order of ['oldest', 'newest'] as const) {
      const expected = await search(await placeWith(512), query, order);
      expect(told).toEqual([]);
      expect(await search(await placeOfFew(500), query, order)).toEqual(expected);
      expect(told).not.toEqual([]);
      told = [];
    }
  });

  it('goes on behind the first of a piece', async () => {
    const expected = await search(await placeWith(512), '*', 'oldest');
    let statements = 0;
    const place = await placeWithout(() => ++statements <= 1);
    // Whoever wants few looks at few at a time.
    const found = await search(place, '*', 'oldest', { limit: 100, enough: 2000 });
    expect(found).toEqual(expected.slice(0, found.length));
    expect(told).not.toEqual([]);
  });

  it('comes in pieces as it does whole where statistics need the events', async () => {
    const plan = {
      functions: [{ kind: 'first', field: 'message' }, COUNT],
      by: [{ kind: 'field', field: 'level' }],
    } as const;
    const expected = await aggregate(await placeWith(512), plan);
    expect(await aggregate(await placeOfFew(500), plan)).toEqual(expected);
    expect(told).not.toEqual([]);
  });

  it('is refused in words of ours where a single event needs more', async () => {
    for (const [, plan] of STATISTICS) {
      const error = await aggregate(await placeWith(20), plan).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ name: 'LogsError', code: 'QUERY_UNSUPPORTED' });
      expect((error as Error).message).toBe('the query needs more than the 20 MiB of memory that it may have');
    }
    await expect(search(await placeWith(20), '*', 'oldest')).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' });
  });
});

/** Parts of row groups of 1000, 1, 50 and 7 rows each. */
function partsOf(segments: number): GroupRows[] {
  return Array.from({ length: segments }, () => {
    const segment = { starts: [0, 1000, 1001, 1051, 1058] } as unknown as GroupRows['segment'];
    return { segment, groups: [0, 2, 3] };
  });
}

function rowsIn(parts: readonly GroupRows[]): number {
  return parts.reduce((sum, { segment, groups, rows: [from, to] = [1, 0] }) => {
    const all = groups.reduce((rows, at) => rows + (segment.starts[at + 1] ?? 0) - (segment.starts[at] ?? 0), 0);
    return sum + (to < from ? all : to - from + 1);
  }, 0);
}

describe('pieces', () => {
  const place = { duck: async () => ({ memory: 7 }) as Duck, signal, tell: (text: string) => void told.push(text) };

  /** The rows of each piece where so many are too many. */
  async function pieces(parts: readonly GroupRows[], most: number): Promise<number[]> {
    const read = async (some: readonly GroupRows[]): Promise<number> => {
      if (rowsIn(some) > most) throw new Error('Out of Memory Error: of this test');
      return rowsIn(some);
    };
    const found: number[] = [];
    for await (const piece of lessAtOnce(place, parts, read)) found.push(piece);
    return found;
  }

  it('are one where memory suffices, and nothing is told', async () => {
    expect([await pieces(partsOf(3), 1e6), told]).toEqual([[3 * 1057], []]);
  });

  it('are of fewer segments, of fewer groups and of fewer rows, and told once', async () => {
    expect(await pieces(partsOf(3), 2500)).toEqual([1057, 1057, 1050, 7]);
    expect(await pieces(partsOf(1), 1050)).toEqual([1000, 50, 4, 3]);
    expect(await pieces(partsOf(1), 300)).toEqual([250, 250, 250, 250, 50, 4, 3]);
    expect(told).toHaveLength(3);
    const single = await pieces(partsOf(2), 1);
    expect([single.length, Math.max(...single)]).toEqual([2 * 1057, 1]);
  });

  it('are none where a row alone is too much', async () => {
    await expect(pieces(partsOf(2), 0)).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: expect.stringContaining('the 7 MiB'),
    });
  });

  it('do not come of any other error', async () => {
    const failing = lessAtOnce(place, partsOf(2), () => Promise.reject(new Error('another')));
    await expect(failing.next()).rejects.toThrow('another');
    expect(told).toEqual([]);
  });
});

describe('who needs memory alone', () => {
  it('waits for what runs, and what comes meanwhile for it', async () => {
    const duck = {} as Duck;
    const events: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.push(resolve));
      events.push(`${name} ends`);
    };
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const all = [inTurn(duck, false, work('a')), inTurn(duck, false, work('b')), inTurn(duck, true, work('c'))];
    all.push(inTurn(duck, true, work('d')), inTurn(duck, false, work('e')));
    for (let turn = 0; turn < 5; turn++) {
      await settle();
      ends.shift()?.();
    }
    await Promise.all(all);
    const at = (event: string): number => events.indexOf(event);
    expect(at('b begins')).toBeLessThan(at('a ends'));
    expect(at('c begins')).toBeGreaterThan(at('b ends'));
    for (const name of ['d', 'e']) expect(at(`${name} begins`)).toBeGreaterThan(at('c ends'));
    expect(at('d begins') > at('e ends') || at('e begins') > at('d ends')).toBe(true);
  });
});
