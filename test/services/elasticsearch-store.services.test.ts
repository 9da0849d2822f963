import { afterAll, describe, expect, inject, it } from 'vitest';
import { openIndexAdmin } from '../../src/lib/adapters/elasticsearch/admin/index-admin.ts';
import { openClient } from '../../src/lib/adapters/elasticsearch/client.ts';
import { openElasticsearchSink } from '../../src/lib/adapters/elasticsearch/elasticsearch-sink.ts';
import { openElasticsearchReader } from '../../src/lib/adapters/elasticsearch/read/reader.ts';
import { parseElasticsearchUrl } from '../../src/lib/adapters/elasticsearch/url.ts';
import { createAggregator } from '../../src/lib/query/aggregate.ts';
import { parseQuery } from '../../src/lib/query/parse.ts';
import { compilePredicate } from '../../src/lib/query/predicate.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';
import type { LogStore, SearchPlan } from '../../src/lib/store/store.ts';
import { storeContract } from '../contracts/store.ts';
import { CASES, type Case } from './elasticsearch-cases.ts';
import { server } from './servers.ts';

const signal = new AbortController().signal;
const CLOCK = { now: 1_700_000_000_000_000_000n, zone: 'UTC' };
let bases = 0;

/** One shard a day: many small ones are slow. */
async function setUp(address: string): Promise<void> {
  const admin = openIndexAdmin(address, () => undefined);
  await admin.setUp({ shards: 1, replicas: 0, refresh: '1s' }, signal);
  await admin.close();
}

async function found(store: LogStore, query: string, plan: Partial<SearchPlan> = {}): Promise<LogRecord[]> {
  const asked: SearchPlan = { filter: parseQuery(query).filter, range: {}, clock: CLOCK, order: 'oldest', ...plan };
  const records: LogRecord[] = [];
  const report = { scanned: 0, damage: [] };
  for await (const batch of store.search(asked, report, signal)) records.push(...batch);
  expect(report.damage).toEqual([]);
  return records;
}

/** The lines of a case, each event with a time and a message of its own. */
function linesOf({ events }: Case): string[] {
  return events.map((event, at) => {
    const own = `"@timestamp":"2023-11-14T22:00:${String(at).padStart(2, '0')}Z","message":"m${at}"`;
    const text = typeof event === 'string' ? event : JSON.stringify(event);
    const given = Object.keys(JSON.parse(text) as object);
    const kept = ['@timestamp', 'message'].some((name) => given.includes(name)) ? '' : `${own},`;
    return `{${kept}${text.slice(1)}`;
  });
}

/** A query's answer from the store and, of all its records, by the predicate; the same of what does not match. */
async function answers(store: LogStore, all: readonly LogRecord[], query: string): Promise<[unknown, unknown]> {
  const { filter, stages } = parseQuery(query);
  const stage = stages.find(({ kind }) => kind === 'stats');
  const matches = compilePredicate(filter, CLOCK);
  if (stage?.kind === 'stats') {
    const plan = { filter, range: {}, clock: CLOCK, functions: stage.functions, by: stage.by };
    const aggregator = createAggregator(plan);
    for (const record of all) if (matches(record)) aggregator.add(record);
    return [(await store.aggregate(plan, { scanned: 0, damage: [] }, signal)).rows, aggregator.table().rows];
  }
  const ids = (records: readonly LogRecord[]) => records.map(({ log_id }) => log_id);
  return [
    [ids(await found(store, query)), ids(await found(store, `NOT (${query})`))],
    [ids(all.filter(matches)), ids(all.filter((record) => !matches(record)))],
  ];
}

describe.each(['opensearch', 'opensearch2', 'elasticsearch', 'elasticsearch8'] as const)('%s', async (kind) => {
  const real = await server(kind);

  describe.skipIf(real.missing)('as a store', () => {
    storeContract(
      kind,
      async () => {
        const base = `${kind}-store-${inject('testRun')}-${bases++}`;
        const client = openClient(parseElasticsearchUrl(`${real.url}/${base}`));
        // An index must be there to be opened; it comes with the first event.
        await setUp(`${real.url}/${base}`);
        const sink = openElasticsearchSink(`${real.url}/${base}?original=true`, () => undefined);
        await client.ask({ method: 'PUT', path: `/${base}-2023.11.14` });
        const store = await openElasticsearchReader(`${real.url}/${base}`);
        return {
          store,
          async ingest(lines) {
            const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
            await sink.send({ bytes, lines: lines.length, events: lines.length, context: {} }, signal);
            await client.ask({ method: 'POST', path: `/${base}-*/_refresh` });
          },
          async close() {
            await sink.close();
            await store.close();
            await client.ask({ method: 'DELETE', path: `/${base}-2023.11.*`, allow: [400, 403, 404] });
            await client.close();
          },
        };
      },
      { follows: true, inParts: true },
    );

    const foreign = `${kind}-foreign-${inject('testRun')}`;
    const client = real.missing === undefined ? openClient(parseElasticsearchUrl(`${real.url}/${foreign}`)) : undefined;
    afterAll(() => client?.close());

    it('finds and shows what others wrote, by their mapping and their names', async () => {
      const documents = [
        { '@timestamp': '2023-11-14T22:00:00.123Z', log: { level: 'error' }, message: 'Connection refused by 10.0.0.1', service: { name: 'auth' }, status: 500 },
        { '@timestamp': '2023-11-14T22:00:01Z', severity: 'WARNING', msg: 'slow answer', app: 'web', duration: '1.5s' },
        { '@timestamp': 1_700_000_002_000, level: '30', message: 'ok', app: 'auth', status: '200' },
        { time: '2023-11-14T22:00:03Z', level: 'info', message: 'elsewhere', host: { name: 'h1' } },
      ]; // biome-ignore format: a table
      const lines = documents
        .map((document, at) => `{"index":{"_id":"${at}"}}\n${JSON.stringify(document)}\n`)
        .join('');
      await client?.ask({ method: 'POST', path: `/${foreign}/_bulk`, query: { refresh: true }, lines });
      const told: string[] = [];
      const store = await openElasticsearchReader(`${real.url}/${foreign}`, { tell: (text) => told.push(text) });
      const ids = async (query: string, plan: Partial<SearchPlan> = {}) =>
        (await found(store, query, plan)).map(({ log_id }) => log_id);
      expect(await ids('')).toEqual(['0', '1', '2', '3']);
      expect(told).toEqual([]);
      expect(await ids('level>=WARN')).toEqual(['0', '1']);
      expect(told).toEqual([
        'the server cannot answer level>=WARN by itself: what may match is read and filtered here',
      ]);
      expect(await ids('refused')).toEqual(['0']);
      expect(await ids('"10.0.0.1"')).toEqual(['0']);
      expect(await ids('service:auth')).toEqual(['0', '2']);
      expect(await ids('status>=200')).toEqual(['0', '2']);
      expect(await ids('duration>1s')).toEqual(['1']);
      expect(await ids('NOT host:*', { order: 'newest' })).toEqual(['2', '1', '0']);
      expect(await ids('', { range: { from: 1_699_999_201_000_000_000n, to: 1_699_999_202_000_000_000n } })).toEqual([
        '1',
      ]);
      const plan = {
        filter: parseQuery('').filter,
        range: {},
        clock: CLOCK,
        functions: [{ kind: 'count' }],
        by: [{ kind: 'field', field: 'service' }],
      } as const;
      expect((await store.aggregate(plan, { scanned: 0, damage: [] }, signal)).rows).toEqual([['auth', 2], ['web', 1], [null, 1]]); // biome-ignore format: a table
      await store.close();
      const strict = await openElasticsearchReader(`${real.url}/${foreign}`, { strict: true });
      await expect(found(strict, 'level:WARN')).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' });
      await strict.close();
    });

    it('reads on from page to page, in order, each once', async () => {
      const paged = `${kind}-paged-${inject('testRun')}`;
      await setUp(`${real.url}/${paged}`);
      const sink = openElasticsearchSink(`${real.url}/${paged}`, () => undefined);
      const lines = Array.from({ length: 6000 }, (_, n) =>
        JSON.stringify({
          '@timestamp': new Date(1_700_000_000_000 + (n % 7) * 1000).toISOString(),
          message: `m${n}`,
          n,
        }),
      );
      await sink.send({ bytes: Buffer.from(`${lines.join('\n')}\n`), lines: 6000, events: 6000, context: {} }, signal);
      await sink.close();
      await client?.ask({ method: 'POST', path: `/${paged}-*/_refresh` });
      const store = await openElasticsearchReader(`${real.url}/${paged}`);
      const all = await found(store, '');
      const keys = all.map(({ ts, log_id }) => `${ts} ${log_id}`);
      expect(new Set(keys).size).toBe(6000);
      expect(keys).toEqual([...keys].sort());
      expect((await found(store, '', { order: 'newest' })).map(({ log_id }) => log_id)).toEqual(
        all.map(({ log_id }) => log_id).reverse(),
      );
      await store.close();
    });

    it('sees an index by the alias that names it', async () => {
      const hidden = `${kind}-hidden-${inject('testRun')}`;
      const alias = `${kind}-alias-${inject('testRun')}`;
      const settings = { number_of_shards: 1, number_of_replicas: 0 };
      const aliases = { [alias]: { filter: { term: { 'team.keyword': 'a' } } } };
      await client?.ask({ method: 'PUT', path: `/${hidden}`, body: { settings, aliases } });
      const event = (team: string) => `{"index":{}}\n${JSON.stringify({ '@timestamp': '2023-11-14T22:00:00Z', message: team, team })}\n`; // biome-ignore format: one line
      const lines = event('a') + event('b');
      await client?.ask({ method: 'POST', path: `/${hidden}/_bulk`, query: { refresh: true }, lines });
      const store = await openElasticsearchReader(`${real.url}/${alias}`);
      expect((await found(store, '')).map(({ message }) => message)).toEqual(['a']);
      const stop = new AbortController();
      const messages: unknown[] = [];
      const following = store.follow({ filter: parseQuery('').filter, clock: CLOCK }, () => undefined, stop.signal);
      const reading = (async () => {
        for await (const batch of following) {
          messages.push(...batch.map(({ message }) => message));
          stop.abort();
        }
      })();
      await new Promise((done) => setTimeout(done, 2000));
      await client?.ask({ method: 'POST', path: `/${hidden}/_bulk`, query: { refresh: true }, lines: event('b') + event('a') }); // biome-ignore format: one line
      await reading;
      expect(messages).toEqual(['a']);
      await store.close();
      await client?.ask({ method: 'DELETE', path: `/${hidden}` });
    });

    it('finds a number that came before its field had any', async () => {
      const late = `${kind}-late-${inject('testRun')}`;
      await setUp(`${real.url}/${late}`);
      const sink = openElasticsearchSink(`${real.url}/${late}`, () => undefined);
      const send = (k: unknown) => {
        const bytes = Buffer.from(`${JSON.stringify({ '@timestamp': '2023-11-14T22:00:00Z', message: 'm', k })}\n`);
        return sink.send({ bytes, lines: 1, events: 1, context: {} }, signal);
      };
      for (const k of ['a text', 5, ['another', 7]]) await send(k);
      const num = { type: 'double', ignore_malformed: true };
      const properties = { k: { type: 'keyword', ignore_above: 8191, fields: { num } } };
      await client?.ask({ method: 'PUT', path: `/${late}-2023.11.14/_mapping`, body: { properties } });
      await send(6);
      await sink.close();
      await client?.ask({ method: 'POST', path: `/${late}-*/_refresh` });
      const store = await openElasticsearchReader(`${real.url}/${late}`, { strict: true });
      expect(await found(store, 'k:5')).toHaveLength(1);
      expect(await found(store, 'k:7')).toHaveLength(1);
      expect(await found(store, 'k>4')).toHaveLength(3);
      expect(await found(store, 'k<=1e400')).toHaveLength(3);
      expect(await found(store, 'k>1e400')).toHaveLength(0);
      const plan = { filter: parseQuery('').filter, range: {}, clock: CLOCK, functions: [{ kind: 'sum', field: 'k' }], by: [] } as const; // biome-ignore format: one plan
      expect((await store.aggregate(plan, { scanned: 0, damage: [] }, signal)).rows).toEqual([[18]]);
      await store.close();
    });

    it.each(CASES)('answers as the predicate does: $name', async (one) => {
      const base = `${kind}-case-${inject('testRun')}-${CASES.indexOf(one)}`;
      const address = `${real.url}/${base}`;
      const lines = linesOf(one);
      if (one.foreign !== undefined) {
        const settings = { number_of_shards: 1, number_of_replicas: 0 };
        await client?.ask({ method: 'PUT', path: `/${base}`, body: { settings, ...one.foreign } });
        const bulk = lines.map((line, at) => `{"index":{"_id":"${at}"}}\n${line}\n`).join('');
        await client?.ask({ method: 'POST', path: `/${base}/_bulk`, query: { refresh: true }, lines: bulk });
      } else {
        await setUp(address);
        const sink = openElasticsearchSink(address, () => undefined);
        for (const line of lines) {
          await sink.send({ bytes: Buffer.from(`${line}\n`), lines: 1, events: 1, context: {} }, signal);
        }
        await sink.close();
        await client?.ask({ method: 'POST', path: `/${base}-*/_refresh` });
      }
      const store = await openElasticsearchReader(address);
      const all = await found(store, '');
      expect(all).toHaveLength(lines.length);
      for (const query of one.queries) {
        const [answered, expected] = await answers(store, all, query);
        expect(answered, query).toEqual(expected);
      }
      await store.close();
    });

    it('names what is not there', async () => {
      await expect(openElasticsearchReader(`${real.url}/no-such-thing`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(openElasticsearchReader(`${real.url}/no-such-*`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});
