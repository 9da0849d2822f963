import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAggregator } from '../../src/lib/query/aggregate.ts';
import { resolveLists } from '../../src/lib/query/in-file.ts';
import { QUERY_LIMITS } from '../../src/lib/query/limits.ts';
import { parseQuery } from '../../src/lib/query/parse.ts';
import { compilePredicate } from '../../src/lib/query/predicate.ts';
import { splitStages, runRecordStages, runTableStages } from '../../src/lib/query/stages.ts';
import { parseEvent } from '../../src/lib/parse/parse-event.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';

const PAGE = readFileSync(new URL('../../docs/query.md', import.meta.url), 'utf8');
const CLOCK = { now: BigInt(Date.parse('2026-02-01T12:30:00Z')) * 1_000_000n, zone: 'UTC' };

const event = (fields: object): LogRecord => parseEvent(Buffer.from(JSON.stringify(fields)), {}, CLOCK.now, 'id');
interface Meaning {
  readonly takes: readonly object[];
  readonly leaves: readonly object[];
}

const msg = (message: string): object => ({ message });
const at = (time: string): object => ({ time });

/** What each row of the page under "Filters" takes and leaves, as the row says it; other forms that it names behind it. */
const FILTERS: { readonly [typed: string]: Meaning } = {
  error: {
    takes: [msg('An ERROR occurred'), { error: { message: 'error' } }, { 'error.stack_trace': 'Error: x' }, { exception: { type: 'Error' } }, { stack: 'error' }],
    leaves: [msg('errors'), msg('err'), { other: 'error' }, msg('error_code')],
  },
  err: { takes: [msg('err')], leaves: [msg('error')] },
  '"connection refused"': { takes: [msg('x: Connection Refused!')], leaves: [msg('connection  refused'), msg('connection refusedly'), msg('reconnection refused')] },
  '10.0.0.1': { takes: [msg('from 10.0.0.1:80')], leaves: [msg('10.0.0.11'), msg('110.0.0.1')] },
  'req-12-ab': { takes: [msg('(REQ-12-AB)')], leaves: [msg('req-12-abc')] },
  '/api/v1/orders': { takes: [msg('GET /api/v1/orders?x')], leaves: [msg('/api/v1/orders2')] },
  'http://x/y': { takes: [msg('see http://x/y.')], leaves: [{ http: '//x/y' }] },
  '*err*': { takes: [msg('a TERRIBLE thing')], leaves: [msg('er r')] },
  'err*': { takes: [msg('an error')], leaves: [msg('terror')] },
  'e?r': { takes: [msg('an eRr.')], leaves: [msg('er'), msg('eerr')] },
  '*:frontend': { takes: [{ service: 'frontend' }, { deep: { tags: ['x', 'Frontend'] } }, msg('the frontend')], leaves: [{ service: 'frontends' }] },
  'error timeout': { takes: [msg('timeout error')], leaves: [msg('error'), msg('timeout')] },
  'level:ERROR OR status:500': { takes: [{ level: 'error' }, { status: 500 }], leaves: [{ status: 501, level: 'info' }] },
  'NOT a b OR c': { takes: [msg('b'), msg('a c')], leaves: [msg('a b'), msg('x')] },
  '-path:/healthz': { takes: [{ path: '/x' }, msg('no path')], leaves: [{ path: '/healthz' }] },
  'service:auth': { takes: [{ service: 'auth' }], leaves: [{ service: 'Auth' }, { service: 'auth2' }, msg('auth')] },
  'level:err': { takes: [{ level: 'ERROR' }, { level: 'error' }, { level: 'err' }, { level: 50 }], leaves: [{ level: 'warn' }, msg('x')] },
  'level:50': { takes: [{ level: 'ERROR' }], leaves: [{ level: 'warn' }] },
  'level>=WARN': { takes: [{ level: 'warn' }, { level: 'fatal' }], leaves: [{ level: 'info' }, msg('unknown')] },
  'level<WARN': { takes: [{ level: 'info' }], leaves: [msg('unknown'), { level: 'warn' }] },
  'status:(500 OR 502)': { takes: [{ status: 500 }, { status: '502' }], leaves: [{ status: 501 }] },
  'status:in(500, 502)': { takes: [{ status: 500 }, { status: '502' }], leaves: [{ status: 501 }] },
  'status:in(@codes)': { takes: [{ status: 500 }, { status: '502' }], leaves: [{ status: 501 }] },
  'trace_id:*': { takes: [{ trace_id: 'x' }], leaves: [{ trace_id: null }, {}] },
  '_exists_:trace_id': { takes: [{ trace_id: 'x' }], leaves: [{ trace_id: null }, {}] },
  'status!=200': { takes: [{ status: 500 }, {}], leaves: [{ status: 200 }, { status: '2e2' }] },
  'latency_ms>500': { takes: [{ latency_ms: 501 }, { latency_ms: '5.1e2' }], leaves: [{ latency_ms: 60 }, { latency_ms: '1000 or so' }, {}] },
  'latency_ms>0.5s': { takes: [{ latency_ms: 501 }], leaves: [{ latency_ms: 499 }] },
  'duration>500ms': { takes: [{ duration: 501 }, { duration: '1m30s' }], leaves: [{ duration: 499 }] },
  'size>10MB': { takes: [{ size: '12 MB' }, { size: 10_000_001 }], leaves: [{ size: '9 MB' }, { size: 12 }, { size: '1m30s' }] },
  'status:[500 TO 599]': { takes: [{ status: 500 }, { status: 599 }], leaves: [{ status: 499 }, { status: 600 }] },
  'status:{500 TO 599}': { takes: [{ status: 501 }], leaves: [{ status: 500 }, { status: 599 }] },
  'status:[500 TO *]': { takes: [{ status: 900 }], leaves: [{ status: 499 }] },
  'client_ip:10.0.0.0/8': { takes: [{ client_ip: '10.1.2.3' }, { client_ip: '::ffff:10.1.2.3' }], leaves: [{ client_ip: '11.0.0.1' }] },
  'client_ip:2001:db8::/32': { takes: [{ client_ip: '2001:db8::1' }], leaves: [{ client_ip: '2001:db9::1' }] },
  'message:/time(d )?out/i': { takes: [msg('It TIMED OUT')], leaves: [msg('time d out')] },
  '@timestamp>=now-1h': { takes: [at('2026-02-01T11:30:00Z')], leaves: [at('2026-02-01T11:29:59Z')] },
  '@timestamp>=now-1h/d': { takes: [at('2026-02-01T00:00:00Z')], leaves: [at('2026-01-31T23:59:59Z')] },
  '@timestamp>15m ago': { takes: [at('2026-02-01T12:16:00Z')], leaves: [at('2026-02-01T12:14:00Z')] },
  '@timestamp>=2026-01': { takes: [at('2026-01-01T00:00:00Z')], leaves: [at('2025-12-31T23:59:59Z')] },
  '@timestamp:2026-01-31': { takes: [at('2026-01-31T00:00:00Z'), at('2026-01-31T23:59:59.999Z')], leaves: [at('2026-02-01T00:00:00Z')] },
  '@timestamp>2026-01-31': { takes: [at('2026-02-01T00:00:00Z')], leaves: [at('2026-01-31T23:59:59Z')] },
  '"odd name":x': { takes: [{ 'odd name': 'x' }], leaves: [msg('x')] },
  'a\\:b': { takes: [msg('an a:b')], leaves: [{ a: 'b' }] },
}; // biome-ignore format: a table

/** What the prose below the table says. */
const PROSE: { readonly [typed: string]: Meaning } = {
  ΣΊΣΥΦΟΣ: { takes: [msg('σίσυφος')], leaves: [msg('σισυφος')] },
  k: { takes: [msg('K')], leaves: [msg('\u212a')] },
  größe_2: { takes: [msg('die GRÖSSE_2 größe_2')], leaves: [msg('größe_22'), msg('GRÖSSE_2')] },
  '10.0.0.1:80': { takes: [msg('at 10.0.0.1:80')], leaves: [{ '10.0.0.1': 80 }] },
  '14:05': { takes: [msg('at 14:05')], leaves: [] },
  'std::vector': { takes: [msg('a std::vector<int>')], leaves: [] },
  'a aNd nOt b oR c': { takes: [msg('a'), msg('c')], leaves: [msg('a b'), msg('x')] },
  '"or"': { takes: [msg('this or that')], leaves: [msg('this')] },
  'http.status:500': { takes: [{ http: { status: 500 } }, { 'http.status': 500 }, { http: [{ status: 1 }, { status: [500] }] }], leaves: [{ status: 500 }] },
  'status:"500"': { takes: [{ status: 500 }, { status: '500' }], leaves: [{ status: '5e2' }] },
  'status="500"': { takes: [{ status: 500 }, { status: '500' }], leaves: [{ status: '5e2' }] },
  'status:in("500")': { takes: [{ status: 500 }], leaves: [{ status: '5e2' }] },
  'message="a b"': { takes: [msg('a b')], leaves: [msg('a b c'), msg('A b')] },
}; // biome-ignore format: a table

async function predicateOf(typed: string): Promise<(given: object) => boolean> {
  const query = await resolveLists(parseQuery(typed), async () => '500\n\n502\n');
  const matches = compilePredicate(query.filter, CLOCK);
  return (given) => matches(event(given));
}

const section = (name: string): string => PAGE.split('\n## ').find((part) => part.startsWith(`${name}\n`)) ?? '';
const rowsOf = (text: string): string[] =>
  [...text.matchAll(/^\| `(.+?)` \|/gm)].map(([, typed = '']) => typed.replaceAll('\\|', '|'));

describe('docs/query.md', () => {
  it('has no filter that is not tried here', () => {
    const rows = rowsOf(section('Filters'));
    expect(rows.length).toBeGreaterThan(24);
    expect(rows.filter((typed) => !Object.hasOwn(FILTERS, typed))).toEqual([]);
  });

  it.each(Object.entries({ ...FILTERS, ...PROSE }))('%s', async (typed, { takes, leaves }) => {
    const matches = await predicateOf(typed);
    for (const given of takes) expect(matches(given), JSON.stringify(given)).toBe(true);
    for (const given of leaves) expect(matches(given), JSON.stringify(given)).toBe(false);
  });

  const EVENTS = [
    { time: '2026-02-01T10:00:00Z', level: 'error', service: 'b', path: '/x', latency_ms: 10, size: 1, user: 'u', trace_id: '1', message: 'error one' },
    { time: '2026-02-01T10:07:00Z', level: 'error', service: 'a', path: '/y', latency_ms: 250, size: 4, user: 'v', trace_id: '1', message: 'error two' },
    { time: '2026-02-01T10:08:00Z', level: 'info', service: 'a', path: '/x', size: 'big', user: 'u', message: 'error three' },
  ].map((fields) => event(fields)); // biome-ignore format: a table
  const minute = (text: string): bigint => BigInt(Date.parse(`2026-02-01T${text}:00Z`)) * 1_000_000n;

  /** Newest first, as the stores give records to stages. */
  const run = async (typed: string): Promise<unknown> => {
    const { filter, records, statistics, table, pick } = splitStages(parseQuery(typed));
    const matching = EVENTS.filter(compilePredicate(filter, CLOCK)).reverse();
    if (statistics !== undefined) {
      const aggregator = createAggregator({ ...statistics, clock: CLOCK, range: {} });
      for (const record of matching) aggregator.add(record);
      const { columns, rows } = runTableStages(table, aggregator.table(), CLOCK);
      return [columns, ...rows];
    }
    async function* batches() {
      yield matching;
    }
    const out: unknown[] = [];
    for await (const batch of runRecordStages(records, batches(), CLOCK))
      out.push(...batch.map((each) => each.message));
    return pick === undefined ? out : [pick, ...out];
  };

  const STAGES: { readonly [typed: string]: unknown } = {
    'level:ERROR | stats count() by service': [['service', 'count'], ['a', 1], ['b', 1]],
    '* | stats count(), p95(latency_ms) by every(5m), service': [
      ['@timestamp', 'service', 'count', 'p95_latency_ms'],
      [minute('10:00'), 'b', 1, 10],
      [minute('10:05'), 'a', 2, 250],
    ],
    '* | stats avg(size) by bucket(latency_ms, 100)': [['latency_ms', 'avg_size'], [0, 1], [200, 4], [null, null]],
    '* | stats rate(), distinct(user), first(message), last(message)': [
      ['rate', 'distinct_user', 'first_message', 'last_message'],
      [3 / 480, 2, 'error one', 'error three'],
    ],
    '* | top 10 path': [['path', 'count'], ['/x', 2], ['/y', 1]],
    '* | stats count() by path | sort -count | limit 10': [['path', 'count'], ['/x', 2], ['/y', 1]],
    '* | stats count() by path | where count>100 | sort -count': [['path', 'count']],
    'error | sort -latency_ms | limit 5': ['error two', 'error one', 'error three'],
    'error | sort latency_ms': ['error one', 'error two', 'error three'],
    'error | dedup trace_id | fields message, trace_id': [['message', 'trace_id'], 'error three', 'error two'],
  }; // biome-ignore format: a table

  it('has no stage that is not tried here', () => {
    const rows = rowsOf(section('Stages')).filter((typed) => !typed.includes('patterns'));
    expect(rows.filter((typed) => !Object.hasOwn(STAGES, typed))).toEqual([]);
  });

  it.each(Object.entries(STAGES))('%s', async (typed, expected) => {
    expect(await run(typed)).toEqual(expected);
  });

  it('counts an array under each of its values', async () => {
    const tagged = event({ tags: ['p', 'q', 'p'] });
    const { statistics } = splitStages(parseQuery('* | stats count() by tags'));
    const aggregator = createAggregator({ functions: [], by: [], ...statistics, clock: CLOCK, range: {} });
    aggregator.add(tagged);
    expect(aggregator.table().rows).toEqual([['p', 1], ['q', 1]]); // biome-ignore format: pairs
  });

  it('refuses patterns, two results of one name, and what is over the limits, which it names', () => {
    expect(() => splitStages(parseQuery('error | patterns 5'))).toThrow(/patterns/);
    expect(() => parseQuery('* | stats count(), count()')).toThrow(/two results/);
    const limits = section('Limits').replaceAll(/\s+/g, ' ');
    const { text, nesting, regex, groups, sorted } = QUERY_LIMITS;
    for (const limit of [text, nesting, regex, groups, sorted / 2 ** 20]) {
      expect(limits).toContain(limit.toLocaleString('en-US'));
    }
  });

  it('computes exact percentiles, by nearest rank', async () => {
    const aggregator = createAggregator({ functions: [{ kind: 'percentile', p: 95, field: 'n' }], by: [], clock: CLOCK, range: {} });
    for (let n = 1; n <= 20; n++) aggregator.add(event({ n }));
    expect(aggregator.table().rows).toEqual([[19]]);
  }); // biome-ignore format: one line
});
