import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import type { SegmentEntry, StoreState } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { aggregateStore } from '../../../../../src/lib/adapters/embedded/read/aggregate-store.ts';
import type { ReadPlace } from '../../../../../src/lib/adapters/embedded/read/read-parts.ts';
import { WantedKeys } from '../../../../../src/lib/adapters/embedded/read/wanted-keys.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { createAggregator } from '../../../../../src/lib/query/aggregate.ts';
import type { Filter } from '../../../../../src/lib/query/ast.ts';
import { parseFilter } from '../../../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../../../src/lib/query/predicate.ts';
import { printFilter } from '../../../../../src/lib/query/print.ts';
import type { LogRecord } from '../../../../../src/lib/record/record.ts';
import type { AggregatePlan, AggregateTable, ReadReport } from '../../../../../src/lib/store/store.ts';
import { anyFilter } from '../../../query/arbitrary-query.ts';
import { eventsWithIds } from '../../../query/events-with-ids.ts';
import { hostileEvents } from '../../../query/hostile-events.ts';
import { CLOCK } from '../../../query/record.ts';
import { countOfQueries, sampled, SEED } from '../../../query/sampled.ts';
import { type BuiltEvent, buildSegment } from './build-segment.ts';
import { walkOf } from './walk-of.ts';

const QUERIES = countOfQueries(40);
const TIMEOUT_MS = 60_000 + QUERIES * 1000;
const RECEIVED = 1_661_146_200_000;
const tenantDir = mkdtempSync(join(tmpdir(), 'logs-read-'));
const signal = new AbortController().signal;
let duck: Duck;
let entries: SegmentEntry[];
let whole: LogRecord[];
let report: ReadReport;

beforeAll(async () => {
  duck = await Duck.open({ threads: 2, memory: 512, folder: tenantDir });
  const hostile: BuiltEvent[] = hostileEvents(700, 11);
  const plans = [
    { keys: ['status', 'pod', 'n', 'user', 'latency_ms'], events: [...hostile, ...eventsWithIds(1400, RECEIVED)] },
    { keys: ['status', 'pod', 'n', 'user', 'latency_ms'], events: eventsWithIds(300, RECEIVED) },
    { keys: [], events: hostile.slice(0, 300) },
    { keys: ['status', 'pod'], events: eventsWithIds(200, RECEIVED) },
    { keys: ['latency_ms', 'tags', 'a'], events: eventsWithIds(300, RECEIVED).map((each, n) => (n % 2 === 0 ? each : { ...each, id: `00000000000000000000000000000${100 + n}` })) },
  ]; // biome-ignore format: a table
  entries = [];
  for (const [at, plan] of plans.entries()) {
    entries.push(await buildSegment({ ...plan, tenantDir, name: `s${at}`, received: RECEIVED + at, seq: at + 1 }));
  }
  whole = await search({ kind: 'all' });
  expect(whole.map(({ raw }) => Buffer.from(raw).toString('latin1')).sort()).toEqual(
    plans.flatMap(({ events }) => events.map(({ bytes }) => bytes.toString('latin1'))).sort(),
  );
}, 60_000);
afterAll(async () => {
  await duck.close();
  rmSync(tenantDir, { recursive: true });
});
beforeEach(() => {
  report = { scanned: 0, damage: [] };
});

function place(): ReadPlace {
  return { fs: nodeFs, tenantDir, duck: () => Promise.resolve(duck), report, signal };
}

async function search(
  filter: Filter,
  { order = 'oldest', limit = Number.POSITIVE_INFINITY }: { order?: 'oldest' | 'newest'; limit?: number } = {},
): Promise<LogRecord[]> {
  report = { scanned: 0, damage: [] };
  const walk = walkOf(place(), entries, filter, { order, limit });
  const found: LogRecord[] = [];
  for (let page = await walk.next(); page.length > 0 && found.length < limit; page = await walk.next()) {
    found.push(...page);
  }
  return found.slice(0, limit);
}

async function aggregate(plan: AggregatePlan): Promise<AggregateTable> {
  report = { scanned: 0, damage: [] };
  const segments = new Map(entries.map((entry) => [`${entry.day}/${entry.name}`, entry]));
  const state: StoreState = { number: 1, segments, consumed: new Map(), positions: new Map() };
  return aggregateStore(place(), { logs: [], state }, plan, new WantedKeys());
}

function expected(plan: AggregatePlan): AggregateTable {
  const aggregator = createAggregator(plan);
  for (const record of whole.filter(compilePredicate(plan.filter, plan.clock))) aggregator.add(record);
  return aggregator.table();
}

const linesOf = ({ raw, log_id }: LogRecord): string => `${log_id} ${Buffer.from(raw).toString('latin1')}`;
const idsOf = (records: readonly LogRecord[]): string[] => records.map(({ ts, log_id }) => `${ts} ${log_id}`);

const COUNT = { kind: 'count' } as const;
const field = (name: string): { kind: 'field'; field: string } => ({ kind: 'field', field: name });

const STATISTICS: readonly Pick<AggregatePlan, 'functions' | 'by'>[] = [
  { functions: [COUNT], by: [] },
  { functions: [COUNT], by: [field('status')] },
  { functions: [COUNT], by: [field('pod'), { kind: 'every', interval: 60_000_000_000n }] },
  { functions: [COUNT, { kind: 'distinct', field: 'status' }], by: [field('level')] },
  { functions: [{ kind: 'sum', field: 'latency_ms' }, { kind: 'avg', field: 'status' }], by: [field('service')] },
  { functions: [{ kind: 'percentile', p: 95, field: 'latency_ms' }, { kind: 'max', field: 'n' }, { kind: 'min', field: 'n' }], by: [] },
  { functions: [COUNT], by: [{ kind: 'bucket', field: 'latency_ms', size: 10 }, field('user')] },
  { functions: [{ kind: 'rate' }], by: [{ kind: 'every', interval: 3_600_000_000_000n }, field('trace_id')] },
  { functions: [COUNT], by: [field('message')] },
  { functions: [{ kind: 'first', field: 'message' }, { kind: 'rate' }], by: [field('host')] },
  { functions: [COUNT], by: [field('pod_id'), field('app')] },
]; // biome-ignore format: a table

describe('segments with marks and columns of their own', () => {
  it(`give what the predicate says, over ${QUERIES} queries of seed ${SEED} and statistics of each`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    for (const [turn, filter] of sampled(anyFilter, QUERIES).entries()) {
      const text = printFilter(filter);
      const matching = whole.filter(compilePredicate(filter, CLOCK));
      expect(idsOf(await search(filter)), text).toEqual(idsOf(matching));
      const limit = 1 + ((turn * 37) % 400);
      expect(idsOf(await search(filter, { order: 'newest', limit })), text).toEqual(
        idsOf([...matching].reverse().slice(0, limit)),
      );
      const plan = {
        filter,
        range: {},
        clock: CLOCK,
        functions: [COUNT],
        by: [],
        ...STATISTICS[turn % STATISTICS.length],
      };
      expect(await aggregate(plan), text).toEqual(expected(plan));
    }
    expect(report.damage).toEqual([]);
  });

  it.each(STATISTICS.map((each, at) => [at, each] as const))(
    'count as the aggregator does: %i',
    async (_, statistics) => {
      for (const text of ['*', 'started', 'level:ERROR', 'status:200', 'trace_id:*', 'latency_ms>=50']) {
        const plan = { filter: parseFilter(text), range: {}, clock: CLOCK, ...statistics };
        expect(await aggregate(plan), text).toEqual(expected(plan));
      }
    },
  );

  it('give the first in order both ways, and read few row groups for them', async () => {
    for (const order of ['oldest', 'newest'] as const) {
      const all = order === 'oldest' ? whole : [...whole].reverse();
      expect(idsOf(await search({ kind: 'all' }, { order, limit: 10 }))).toEqual(idsOf(all.slice(0, 10)));
      expect(report.scanned).toBeLessThan(1000);
    }
  });

  it.each(['error', 'started', 'service:frontend', 'host:error', 'service:*end AND 500'])(
    'give the first of %s byte for byte, from segments of other columns too',
    async (text) => {
      const filter = parseFilter(text);
      const matching = whole.filter(compilePredicate(filter, CLOCK));
      expect(matching.length).toBeGreaterThan(0);
      for (const order of ['oldest', 'newest'] as const) {
        for (const limit of [1, 30, 150]) {
          const first = (order === 'oldest' ? matching : [...matching].reverse()).slice(0, limit);
          expect((await search(filter, { order, limit })).map(linesOf)).toEqual(first.map(linesOf));
        }
      }
    },
  );
});

describe('a search for one event', () => {
  it('asks few statements although nothing that may match does', async () => {
    const own = duck;
    let asked = 0;
    duck = new Proxy(own, {
      get: (target, name) => {
        if (name === 'query') asked += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    try {
      expect(await search(parseFilter('/\\pL😀\\pL/'), { limit: 1 })).toEqual([]);
    } finally {
      duck = own;
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(40);
  });
});

describe('row groups', () => {
  it('that are damaged are told and left out, and the answer of others does not need them', async () => {
    const made: SegmentEntry[] = [];
    for (const [at, word] of ['leftover', 'rightmost'].entries()) {
      const events = Array.from({ length: 2048 }, (_, n) => ({
        bytes: Buffer.from(`{"ts":"2022-08-22T05:1${at}:16Z","message":"${word} ${n}"}`),
        context: {},
      }));
      made.push(await buildSegment({ tenantDir, name: `d${at}`, keys: [], events, received: RECEIVED, seq: 90 + at }));
    }
    const [first] = made;
    const path = join(tenantDir, first?.day ?? '', 'd0.parquet');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 2] = (bytes[bytes.length >> 2] ?? 0) ^ 4;
    writeFileSync(path, bytes);
    const before = entries;
    entries = made;
    try {
      expect(await search(parseFilter('rightmost'))).toHaveLength(2048);
      expect(report.damage).toEqual([]);
      expect(await search(parseFilter('leftover OR rightmost'))).toHaveLength(2048);
      expect(report.damage).toEqual([{ where: `${first?.day}/d0`, what: expect.stringContaining('d0.parquet') }]);
      const plan = { filter: parseFilter('message:*'), range: {}, clock: CLOCK, functions: [COUNT], by: [] };
      expect((await aggregate(plan)).rows).toEqual([[2048]]);
      expect(report.damage).toHaveLength(1);
    } finally {
      entries = before;
    }
  });

  it('that cannot hold what is looked for are not read, nor DuckDB asked', async () => {
    duck = new Proxy(duck, {
      get: () => {
        throw new Error('asked');
      },
    });
    try {
      for (const text of [
        'zyxwvutsrqponmlk',
        '*yxwvutsrqponmlk*',
        'message:/(?i)yxwvutrqponml(uts)?|zyxwvutrqpo/',
        'trace_id:zyxwvutsrq987',
        'pod:"zyxwvu wvutsrq xwvut"',
        // By the counts of services and levels alone.
        'service:"!!" started',
        '(service:"!!" NOT zyxwvu) OR NOT (NOT service:"??" OR started)',
      ]) {
        expect(await search(parseFilter(text)), text).toEqual([]);
      }
    } finally {
      duck = await Duck.open({ threads: 2, memory: 512, folder: tenantDir });
    }
  });
});
