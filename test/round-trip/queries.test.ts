import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from '../../src/lib/query/ast.ts';
import { printFilter } from '../../src/lib/query/print.ts';
import type { EventContext, LogRecord } from '../../src/lib/record/record.ts';
import type { AggregatePlan, AggregateTable, LogStore, ReadReport } from '../../src/lib/store/store.ts';
import { EmbeddedWriter } from '../lib/adapters/embedded/built.ts';
import { anyFilter } from '../lib/query/arbitrary-query.ts';
import { hostileEvents } from '../lib/query/hostile-events.ts';
import { CLOCK } from '../lib/query/record.ts';
import { Chain } from './chain.ts';

/** As built, like the store whose records it tests: classes of the sources are others. */
const { compilePredicate } = (await import(
  new URL('../../dist/lib/query/predicate.js', import.meta.url).href
)) as typeof import('../../src/lib/query/predicate.ts');

const { createAggregator } = (await import(
  new URL('../../dist/lib/query/aggregate.js', import.meta.url).href
)) as typeof import('../../src/lib/query/aggregate.ts');

const signal = new AbortController().signal;
const all: Filter = { kind: 'all' };

async function search(store: LogStore, filter: Filter): Promise<LogRecord[]> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const found: LogRecord[] = [];
  for await (const batch of store.search({ filter, range: {}, clock: CLOCK, order: 'oldest' }, report, signal)) {
    found.push(...batch);
  }
  expect(report.damage).toEqual([]);
  return found;
}

/** An odd number, so that a query and its opposite get each. Keys and statistics that a store computes in SQL where it can, in every mixture with those that it cannot. */
const STATISTICS: readonly Pick<AggregatePlan, 'functions' | 'by'>[] = [
  { functions: [{ kind: 'count' }], by: [] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'level' }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'service' }, { kind: 'field', field: 'host' }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'every', interval: 3_600_000_000_000n }, { kind: 'field', field: 'app' }] },
  { functions: [{ kind: 'count' }, { kind: 'max', field: 'n' }], by: [{ kind: 'field', field: 'tags' }] },
  { functions: [{ kind: 'rate' }], by: [{ kind: 'every', interval: 60_000_000_000n }] },
  { functions: [{ kind: 'distinct', field: 'a.b' }, { kind: 'last', field: 'message' }], by: [] },
]; // biome-ignore format: a table

async function aggregate(store: LogStore, plan: AggregatePlan): Promise<AggregateTable> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const table = await store.aggregate(plan, report, signal);
  expect(report.damage).toEqual([]);
  return table;
}

/** The predicate is what a query means; a store has to find and count by it, and by nothing else. */
describe('any query, on the store as by its predicate', () => {
  const chain = new Chain();
  const events = hostileEvents(300, 11);
  afterAll(() => chain.dispose());

  beforeAll(async () => {
    const tell = (problem: Error): never => {
      throw problem;
    };
    const writer = await EmbeddedWriter.open({ dir: chain.store, tell, seal: () => Promise.reject(new Error('none')) });
    const contexts = new Map<string, { context: EventContext; lines: Buffer[] }>();
    for (const { bytes, context } of events) {
      const group = contexts.get(JSON.stringify(context)) ?? { context, lines: [] };
      group.lines.push(bytes);
      contexts.set(JSON.stringify(context), group);
    }
    for (const { context, lines } of contexts.values()) {
      const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      await writer.append({ bytes, lines: lines.length, context });
    }
    await writer.close();
  });

  function agrees(): void {
    it('finds and counts what matches, over 40 queries and their opposites', async () => {
      const store = await chain.open();
      try {
        const whole = await search(store, all);
        expect(whole.map(({ raw }) => Buffer.from(raw).toString('latin1')).sort()).toEqual(
          events.map(({ bytes }) => bytes.toString('latin1')).sort(),
        );
        let turn = 0;
        for (const filter of fc.sample(anyFilter, { numRuns: 40 })) {
          for (const asked of [filter, { kind: 'not', filter } as const]) {
            const matches = compilePredicate(asked, CLOCK);
            const expected = whole.filter(matches);
            const text = printFilter(asked);
            const found = await search(store, asked);
            expect(
              found.map(({ log_id }) => log_id),
              text,
            ).toEqual(expected.map(({ log_id }) => log_id));
            const plan = { filter: asked, range: {}, clock: CLOCK, ...STATISTICS[turn++ % STATISTICS.length] };
            const aggregator = createAggregator(plan as AggregatePlan);
            for (const record of expected) aggregator.add(record);
            expect(await aggregate(store, plan as AggregatePlan), text).toEqual(aggregator.table());
          }
        }
      } finally {
        await store.close();
      }
    });
  }

  describe('from the log files', agrees);
  describe('from segments', () => {
    beforeAll(() => chain.seal());
    agrees();
  });
});
