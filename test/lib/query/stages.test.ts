import { describe, expect, it } from 'vitest';
import { createAggregator } from '../../../src/lib/query/aggregate.ts';
import { resolveLists } from '../../../src/lib/query/in-file.ts';
import { parseQuery } from '../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { printQuery } from '../../../src/lib/query/print.ts';
import { runRecordStages, runTableStages, splitStages } from '../../../src/lib/query/stages.ts';
import type { AggregateTable } from '../../../src/lib/query/table.ts';
import { CLOCK, event } from './record.ts';

const EVENTS = [
  { time: '2022-08-22T05:00:10Z', service: 'a', path: '/x', ms: 10, tags: ['p', 'q'] },
  { time: '2022-08-22T05:00:50Z', service: 'a', path: '/y', ms: '30' },
  { time: '2022-08-22T05:01:10Z', service: 'b', path: '/x', ms: 20.5 },
  { time: '2022-08-22T05:03:10Z', path: '/x', ms: 'slow' },
].map((fields) => event(fields));

function run(text: string, range: { from?: bigint; to?: bigint } = {}): AggregateTable {
  const { filter, statistics, table } = splitStages(parseQuery(text));
  if (statistics === undefined) throw new Error('no statistics');
  const aggregator = createAggregator({ ...statistics, clock: CLOCK, range });
  for (const record of EVENTS.filter(compilePredicate(filter, CLOCK))) aggregator.add(record);
  return runTableStages(table, aggregator.table(), CLOCK);
}

async function paths(text: string): Promise<unknown[]> {
  async function* batches() {
    for (const record of EVENTS) yield [record];
  }
  const out: unknown[] = [];
  for await (const batch of runRecordStages(splitStages(parseQuery(text)).records, batches(), CLOCK)) {
    for (const record of batch) out.push(record.fields.path);
  }
  return out;
}

describe('statistics', () => {
  it.each<[string, unknown[][]]>([
    ['* | stats count(), sum(ms), avg(ms), min(ms), max(ms)', [[4, 60.5, 60.5 / 3, 10, 30]]],
    ['* | stats p50(ms), p100(ms), distinct(path), first(path), last(service)', [[20.5, 30, 2, '/x', 'b']]],
    ['nothing | stats count(), sum(ms)', [[0, null]]],
    [
      '* | stats count() by service',
      [
        ['a', 2],
        ['b', 1],
        [null, 1],
      ],
    ],
    [
      '* | stats count() by tags',
      [
        ['p', 1],
        ['q', 1],
        [null, 3],
      ],
    ],
    [
      '* | stats count() by bucket(ms, 20)',
      [
        [0, 1],
        [20, 2],
        [null, 1],
      ],
    ],
    ['* | top 1 path', [['/x', 3]]],
    ['* | stats count() by path | where count>1 | fields count', [[3]]],
    ['* | stats count() by path | stats sum(count)', [[4]]],
    ['* | stats count() by path | sort -path | limit 1', [['/y', 1]]],
    ['* | where service:a | stats count() by path | dedup count', [['/x', 1]]],
  ])('%s', (text, rows) => {
    expect(run(text).rows).toEqual(rows);
  });

  it('gives buckets of time that have events, under @timestamp, and their rates', () => {
    const minute = 60_000_000_000n;
    const start = (EVENTS[0]?.ts ?? 0n) - 10_000_000_000n;
    const table = run('* | stats count(), rate() by every(1m)');
    expect(table.columns).toEqual(['@timestamp', 'count', 'rate']);
    expect(table.rows).toEqual([
      [start, 2, 2 / 60],
      [start + minute, 1, 1 / 60],
      [start + 3n * minute, 1, 1 / 60],
    ]);
  });

  it('rates over the range asked for, or over the events seen', () => {
    expect(run('* | stats rate()', { from: 0n, to: 8_000_000_000n }).rows).toEqual([[0.5]]);
    expect(run('* | stats rate()').rows).toEqual([[4 / 180]]);
  });

  it('takes events counted elsewhere, only where their number is enough', () => {
    const request = { by: [{ kind: 'field', field: 'service' }] as const, clock: CLOCK, range: {} };
    const counted = createAggregator({ ...request, functions: [{ kind: 'count' }] });
    counted.addCounted(['a'], 5);
    counted.addCounted([null], 2);
    expect(counted.table().rows).toEqual([
      ['a', 5],
      [null, 2],
    ]);
    expect(() =>
      createAggregator({ ...request, functions: [{ kind: 'sum', field: 'ms' }] }).addCounted(['a'], 1),
    ).toThrow(/their number/);
  });

  it('names the columns there are when one is asked for that is not', () => {
    expect(() => run('* | stats count() by path | sort -cuont')).toThrow(/no column cuont/);
  });

  it('refuses patterns with the reason', () => {
    expect(() => splitStages(parseQuery('* | patterns'))).toThrow(/patterns cannot be run/);
  });
});

describe('record stages', () => {
  it.each([
    ['* | sort -ms', ['/x', '/y', '/x', '/x']],
    ['* | sort ms | limit 2', ['/x', '/x']],
    ['* | limit 2', ['/x', '/y']],
    ['* | dedup path', ['/x', '/y']],
    ['* | limit 3 | where path:"/y"', ['/y']],
  ])('%s', async (text, expected) => {
    expect(await paths(text)).toEqual(expected);
  });

  it('splits a query by who runs what', () => {
    const split = splitStages(parseQuery('a | where b | fields x | where c'));
    expect(printQuery({ filter: split.filter, stages: split.records })).toBe('a AND b | where c');
    expect(split.pick).toEqual(['x']);
  });

  it('tells which line of a list is no time', async () => {
    const resolving = resolveLists(parseQuery('@timestamp:in(@times)'), async () => '2022-08-22\n\nsoon\n');
    await expect(resolving).rejects.toMatchObject({ code: 'TIME_SYNTAX', at: { file: 'times', line: 3 } });
  });

  it('resolves in(@file) with the reader it is given, and runs none without', async () => {
    const query = parseQuery('path:in(@ids)');
    expect(() => compilePredicate(query.filter, CLOCK)).toThrow(/command line only/);
    const resolved = await resolveLists(query, async () => '/x\n\n/z\n');
    expect(EVENTS.filter(compilePredicate(resolved.filter, CLOCK))).toHaveLength(3);
  });
});
