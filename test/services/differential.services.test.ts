import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { EsClient } from '../../src/lib/adapters/elasticsearch/client.ts';
import type { DocumentOptions } from '../../src/lib/adapters/elasticsearch/document/document-of.ts';
import type { Mapping } from '../../src/lib/adapters/elasticsearch/read/field-map.ts';
import type { Filter } from '../../src/lib/query/ast.ts';
import { parseFilter } from '../../src/lib/query/parse.ts';
import { printFilter } from '../../src/lib/query/print.ts';
import type { EventContext, LogRecord } from '../../src/lib/record/record.ts';
import type { AggregatePlan, AggregateTable, LogStore, ReadReport } from '../../src/lib/store/store.ts';
import { EmbeddedWriter, openEmbeddedStore } from '../lib/adapters/embedded/built.ts';
import { anyFilter } from '../lib/query/arbitrary-query.ts';
import { hostileEvents, type ShippedEvent } from '../lib/query/hostile-events.ts';
import { CLOCK } from '../lib/query/record.ts';
import { countOfQueries } from '../lib/query/sampled.ts';
import { Chain } from '../round-trip/chain.ts';
import { server } from './servers.ts';

/** As built, like the embedded store: classes of the sources are others. */
async function load(path: string): Promise<unknown> {
  return import(new URL(`../../dist/lib/${path}`, import.meta.url).href);
}

const { compilePredicate } = (await load('query/predicate.js')) as typeof import('../../src/lib/query/predicate.ts');
const { createAggregator } = (await load('query/aggregate.js')) as typeof import('../../src/lib/query/aggregate.ts');
const { toWireJson } = (await load('record/wire-json.js')) as typeof import('../../src/lib/record/wire-json.ts');
const { openElasticsearchReader } = (await load(
  'adapters/elasticsearch/read/reader.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/read/reader.ts');
const { openClient } = (await load(
  'adapters/elasticsearch/client.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/client.ts');
const { parseElasticsearchUrl } = (await load(
  'adapters/elasticsearch/url.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/url.ts');
const { writeBatch } = (await load(
  'adapters/elasticsearch/bulk/bulk-writer.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/bulk/bulk-writer.ts');
const { mappingOf } = (await load(
  'adapters/elasticsearch/template/mapping.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/template/mapping.ts');
const { openIndexAdmin } = (await load(
  'adapters/elasticsearch/admin/index-admin.js',
)) as typeof import('../../src/lib/adapters/elasticsearch/admin/index-admin.ts');

const DATA = process.env.LOGS_TEST_DATA ?? '../shared/data';
const signal = new AbortController().signal;
/** Each and its opposite. */
const FILTERS = countOfQueries(520) / 2;
/** Others on every run, also in continuous integration: it is the only one that asks servers so much. */
const SEED = Number(process.env.LOGS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const AT_ONCE = 4;

/** Real logs of four formats, evenly taken, and events made to be read differently. */
function eventsOf(): ShippedEvent[] {
  const take = (text: string, step: number): string[] =>
    text.split('\n').filter((line, index) => line !== '' && index % step === 0);
  const lines: string[] = [];
  const nezha = join(DATA, 'nezha/nezha-20mb.ndjson.gz');
  if (existsSync(nezha)) lines.push(...take(gunzipSync(readFileSync(nezha)).toString(), 400));
  for (const name of ['access/apache_logs', 'access/auth.log', 'access/nginxplus_json_logs']) {
    if (existsSync(join(DATA, name))) lines.push(...take(readFileSync(join(DATA, name), 'utf8'), 250).slice(0, 60));
  }
  return [...lines.map((line) => ({ bytes: Buffer.from(line), context: {} })), ...hostileEvents(250, 23)];
}

/** What the server can count itself, what it cannot, and mixtures. */
const STATISTICS: readonly Pick<AggregatePlan, 'functions' | 'by'>[] = [
  { functions: [{ kind: 'count' }], by: [] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'level' }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'service' }, { kind: 'field', field: 'host' }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'every', interval: 5_400_000_000_000n }, { kind: 'field', field: 'app' }] },
  { functions: [{ kind: 'count' }, { kind: 'max', field: 'n' }], by: [{ kind: 'field', field: 'tags' }] },
  { functions: [{ kind: 'rate' }], by: [{ kind: 'every', interval: 604_800_000_000_000n }] },
  { functions: [{ kind: 'distinct', field: 'a.b' }, { kind: 'last', field: 'message' }], by: [] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'n' }] },
  { functions: [{ kind: 'sum', field: 'status' }, { kind: 'percentile', p: 95, field: 'bytes' }], by: [{ kind: 'field', field: 'level' }] },
  { functions: [{ kind: 'distinct', field: 'status' }], by: [{ kind: 'every', interval: 86_400_000_000_000n }] },
  { functions: [{ kind: 'avg', field: 'latency_ms' }, { kind: 'min', field: 'size' }], by: [{ kind: 'field', field: 'status' }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'bucket', field: 'bytes', size: 1000 }] },
  { functions: [{ kind: 'count' }], by: [{ kind: 'field', field: 'tags' }] },
]; // biome-ignore format: a table

async function search(store: LogStore, filter: Filter): Promise<LogRecord[]> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const found: LogRecord[] = [];
  for await (const batch of store.search({ filter, range: {}, clock: CLOCK, order: 'oldest' }, report, signal)) {
    found.push(...batch);
  }
  expect(report.damage).toEqual([]);
  return found;
}

async function aggregate(store: LogStore, plan: AggregatePlan): Promise<AggregateTable> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const table = await store.aggregate(plan, report, signal);
  expect(report.damage).toEqual([]);
  return table;
}

/** What a query means: its predicate, and the statistics of what that takes. */
function meaning(whole: readonly LogRecord[], plan: AggregatePlan): { records: string[]; table: AggregateTable } {
  const expected = whole.filter(compilePredicate(plan.filter, CLOCK));
  const aggregator = createAggregator(plan);
  for (const record of expected) aggregator.add(record);
  return { records: expected.map((record) => toWireJson(record)), table: aggregator.table() };
}

const chain = new Chain();
const events = eventsOf();
const groups = new Map<string, { readonly context: EventContext; readonly lines: Buffer[] }>();
for (const { bytes, context } of events) {
  const group = groups.get(JSON.stringify(context)) ?? { context, lines: [] };
  group.lines.push(bytes);
  groups.set(JSON.stringify(context), group);
}
let whole: LogRecord[] = [];

beforeAll(async () => {
  const tell = (problem: Error): never => {
    throw problem;
  };
  const writer = await EmbeddedWriter.open({ dir: chain.store, tell, seal: () => Promise.reject(new Error('none')) });
  for (const { context, lines } of groups.values()) {
    await writer.append({ bytes: linesOf(lines), lines: lines.length, context });
  }
  await writer.close();
  const store = await openEmbeddedStore(chain.store);
  whole = await search(store, { kind: 'all' });
  await store.close();
  expect(whole).toHaveLength(events.length);
});

afterAll(() => chain.dispose());

function linesOf(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

/** Some of the fields of made-up events. */
const BESIDE = new Set(['a', 'bytes', 'clientip', 'latency_ms', 'n', 'size', 'status', 'tags']);
const AT_A_TIME = 20;

/** How part of the events is sent: as a server that lets a mapping meet another one makes the writer send some again. */
function optionsOf(part: number): DocumentOptions {
  if (part % 7 === 5) return { original: true, unindexed: true };
  return part % 5 === 3 ? { original: true, beside: BESIDE } : { original: true };
}

/**
 * The store's events into an index, under the ids that they have there, by the sink's own writer. One index: they are of
 * many days, and making a hundred indices takes longer than all the queries. What else depends on which shard sees a
 * field first is made to happen here: documents whose fields are beside or not indexed, and numbers that are older than
 * the index of them.
 */
async function index(address: string): Promise<void> {
  const admin = openIndexAdmin(address, () => undefined);
  await admin.setUp({ shards: 2, replicas: 0, refresh: '1s' }, signal);
  await admin.close();
  const url = parseElasticsearchUrl(address);
  const client = openClient(url);
  const name = `${url.path[0]}-2022.08.22`;
  const ids = whole.map(({ log_id }) => log_id).sort();
  const parts = [...groups.values()].flatMap(({ context, lines }) =>
    Array.from({ length: Math.ceil(lines.length / AT_A_TIME) }, (_, at) => ({
      context,
      lines: lines.slice(at * AT_A_TIME, (at + 1) * AT_A_TIME),
    })),
  );
  for (const [part, { context, lines }] of parts.entries()) {
    if (part === Math.floor(parts.length / 3)) await addNumbers(client, name);
    const plain = { bytes: linesOf(lines), lines: lines.length, events: lines.length, context };
    const batch = { ...plain, ids: ids.splice(0, lines.length) };
    const target = { index: () => name, options: optionsOf(part) };
    const written = await writeBatch(client, batch, { target, unindexed: true }, signal);
    expect(written).toMatchObject({ accepted: lines.length, rejected: [] });
  }
  await client.ask({ method: 'POST', path: `/${name}/_refresh` });
  await client.close();
}

/** As a number of a field that had texts only: what came before is not indexed as one. */
async function addNumbers(client: EsClient, name: string): Promise<void> {
  const found = await client.json<{ [index: string]: { mappings: Mapping } }>({
    method: 'GET',
    path: `/${name}/_mapping`,
  });
  const { properties = {} } = found[name]?.mappings ?? {};
  const fixed = new Set(Object.keys((mappingOf('ours') as Mapping).properties ?? {}));
  const num = { type: 'double', ignore_malformed: true, coerce: true };
  const late = Object.entries(properties).filter(
    ([field, { type, fields }]) => type === 'keyword' && fields === undefined && !fixed.has(field),
  );
  expect(late.length).toBeGreaterThan(0);
  const body = { properties: Object.fromEntries(late.map(([field, was]) => [field, { ...was, fields: { num } }])) };
  await client.ask({ method: 'PUT', path: `/${name}/_mapping`, body });
}

describe.each(['opensearch', 'elasticsearch'] as const)('any query, on %s as in the store and as it means', (kind) => {
  let stores: readonly LogStore[] = [];
  let close = async (): Promise<void> => undefined;
  let missing: string | undefined;

  beforeAll(async () => {
    const found = await server(kind);
    missing = found.missing;
    if (missing !== undefined) return;
    const address = `${found.url}/differential-${inject('testRun')}`;
    await index(address);
    const reader = await openElasticsearchReader(address);
    const store = await openEmbeddedStore(chain.store);
    stores = [reader, store];
    close = async () => {
      await Promise.all([reader.close(), store.close()]);
    };
  });
  afterAll(() => close());

  async function agrees(filter: Filter, turn: number): Promise<void> {
    for (const asked of [filter, { kind: 'not', filter } as const]) {
      const statistics = STATISTICS[turn % STATISTICS.length] ?? { functions: [], by: [] };
      const plan = { filter: asked, range: {}, clock: CLOCK, ...statistics };
      const { records, table } = meaning(whole, plan);
      for (const store of stores) {
        const text = `${store === stores[0] ? kind : 'store'}: ${printFilter(asked)} | ${JSON.stringify(statistics, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`;
        expect(
          (await search(store, asked)).map((record) => toWireJson(record)),
          text,
        ).toEqual(records);
        expect(await aggregate(store, plan), text).toEqual(table);
      }
    }
  }

  it(`gives the same records and the same statistics, over ${2 * FILTERS} queries, seed ${SEED}`, async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const filters = fc.sample(anyFilter, { numRuns: FILTERS, seed: SEED });
    for (let from = 0; from < filters.length; from += AT_ONCE) {
      await Promise.all(filters.slice(from, from + AT_ONCE).map((filter, at) => agrees(filter, from + at)));
    }
  });

  it.each([
    'level:ERROR', 'status:404', 'bytes>1000', '"GET /"', 'sshd', 'message:/time(d )?out/', 'client_ip:10.0.0.0/8', 'NOT service:*', 'a:*',
    'latency_ms>0.5s', 'exception.type:*', 'status:(404 OR 500)', '*err*', 'request:*php*', 'user:root', 'a.b:x', 'n:1e2', '@timestamp>=2022-08-22', 'clientip<=1e400', 'NOT size!=1e2ms', 'status!=1s', 'nowhere!=x',
  ])('means the same by %s', async (text) => {
    if (missing === undefined) for (const turn of STATISTICS.keys()) await agrees(parseFilter(text), turn);
  }); // biome-ignore format: a list
});
