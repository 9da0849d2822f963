import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { documentOf } from '../../../../src/lib/adapters/elasticsearch/document/document-of.ts';
import { viewOf } from '../../../../src/lib/adapters/elasticsearch/read/indices.ts';
import { openElasticsearchReader } from '../../../../src/lib/adapters/elasticsearch/read/reader.ts';
import { mappingOf } from '../../../../src/lib/adapters/elasticsearch/template/mapping.ts';
import { parseEvent } from '../../../../src/lib/parse/parse-event.ts';
import { parseFilter } from '../../../../src/lib/query/parse.ts';
import { toWireJson } from '../../../../src/lib/record/wire-json.ts';
import type { LogRecord } from '../../../../src/lib/record/record.ts';
import type { ReadReport } from '../../../../src/lib/store/store.ts';

// A server for what no real one does on demand: shards that fail, time that runs out, moments that get lost, 503.

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: { readonly [name: string]: unknown };
}

type Answer = { readonly status?: number; readonly body: unknown };

const clock = { now: 1_700_000_000_000_000_000n, zone: 'UTC' };
const signal = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const RECORDS = Array.from({ length: 1200 }, (_, n) => record(n));

function record(n: number): LogRecord {
  const line = `{"@timestamp":"2023-11-14T22:00:00.${String(n).padStart(6, '0')}Z","message":"m${n}","big":9007199254740993,"f":1.0,"level":"info"}`;
  return parseEvent(Buffer.from(line), {}, clock.now, `id-${String(n).padStart(6, '0')}`);
}

function hit(of: LogRecord, seq?: number): string {
  const sort = seq === undefined ? `[${of.ts},"${of.log_id}"]` : `[${seq}]`;
  return `{"_index":"logs-2023.11.14","_id":"${of.log_id}","_score":null,"_source":${documentOf(of)},"sort":${sort}}`;
}

function found(hits: readonly string[], more = ''): string {
  return `{"took":1,"timed_out":false,"_shards":{"total":5,"successful":5,"failed":0}${more},"hits":{"hits":[${hits.join(',')}]}}`;
}

async function open(answer: (asked: Asked) => Answer | undefined, tell: (text: string) => void = () => undefined) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const [path = '', query = ''] = (request.url ?? '').split('?');
      const one = {
        method: request.method ?? '',
        path,
        query,
        body: (text === '' ? {} : JSON.parse(text)) as Asked['body'],
      };
      asked.push(one);
      const { status = 200, body } = answer(one) ?? usual(one);
      response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const reader = await openElasticsearchReader(`es://127.0.0.1:${(server.address() as AddressInfo).port}/logs`, {
    tell,
  });
  closing.unshift(() => reader.close());
  return { reader, asked };
}

function usual({ method, path, body }: Asked): Answer {
  if (path === '/') return { body: { version: { number: '9.5.3' }, tagline: 'You Know, for Search' } };
  if (path.endsWith('/_mapping')) return { body: { 'logs-2023.11.14': { mappings: mappingOf('ours') } } };
  if (path.includes('/_settings')) return { body: { 'logs-2023.11.14': { settings: { 'index.uuid': 'u', 'index.number_of_shards': '1', 'index.refresh_interval': '1s' } } } }; // biome-ignore format: one answer
  if (path.endsWith('/_pit')) return { body: method === 'DELETE' ? {} : { id: `moment-${moments++}` } };
  return { body: found(page(body).map((one) => hit(one))) };
}

let moments = 0;

/** What a search of all gives, as the request says. */
function page({ size, search_after: after }: Asked['body']): LogRecord[] {
  const [, id] = (after as [number, string] | undefined) ?? [];
  const from = id === undefined ? 0 : RECORDS.findIndex(({ log_id }) => log_id === id) + 1;
  return RECORDS.slice(from, from + Number(size));
}

async function search(reader: Awaited<ReturnType<typeof open>>['reader'], query = '') {
  const report: ReadReport = { scanned: 0, damage: [] };
  const records: LogRecord[] = [];
  const plan = { filter: parseFilter(query), range: {}, clock, order: 'oldest' } as const;
  for await (const batch of reader.search(plan, report, signal)) records.push(...batch);
  return { records, damage: report.damage.map(({ what }) => what) };
}

describe('a search of Elasticsearch', () => {
  it('reads all pages, every number as it was written', async () => {
    const { reader, asked } = await open(() => undefined);
    const { records, damage } = await search(reader);
    expect(damage).toEqual([]);
    expect(records.map((one) => toWireJson(one))).toEqual(RECORDS.map((one) => toWireJson(one)));
    // The first page is a plain search, the rest is of one moment, which is closed.
    const searches = asked.filter(({ path }) => path.endsWith('/_search'));
    expect(searches.map(({ body }) => body['pit'] !== undefined)).toEqual([false, true]);
    expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('goes on behind the last event when the server has lost the moment', async () => {
    let lost = 0;
    const { reader } = await open(({ path, body }) => {
      if (!path.endsWith('/_search') || body['pit'] === undefined) return undefined;
      lost++;
      if (lost === 1) return { status: 404, body: { error: { type: 'search_phase_execution_exception', reason: 'all shards failed' } } }; // biome-ignore format: one answer
      const failures = [{ reason: { type: 'search_context_missing_exception', reason: 'No search context found' } }];
      const part = found([], '').replace('"failed":0', `"failed":1,"failures":${JSON.stringify(failures)}`);
      return lost === 3 ? { body: part } : undefined;
    });
    const { records, damage } = await search(reader);
    expect({ count: new Set(records.map(({ log_id }) => log_id)).size, damage }).toEqual({ count: 1200, damage: [] });
  });

  it('tells of shards that failed and of time that ran out', async () => {
    const failures = [{ index: 'logs-2023.11.14', reason: { reason: 'shard is gone' } }];
    const part = found([hit(record(1))])
      .replace('"failed":0', `"failed":2,"failures":${JSON.stringify(failures)}`)
      .replace('"timed_out":false', '"timed_out":true');
    const { reader } = await open(({ path }) => (path.endsWith('/_search') ? { body: part } : undefined));
    const { records, damage } = await search(reader);
    expect(records).toHaveLength(1);
    expect(damage).toEqual([
      'the search ran out of time: events are missing',
      '2 of 5 shards did not answer of logs-2023.11.14: shard is gone',
    ]);
  });

  it('tells of a shard that is nowhere: no failure is counted for it', async () => {
    const part = found([hit(record(1))]).replace('"successful":5', '"successful":4');
    const { reader } = await open(({ path }) => (path.endsWith('/_search') ? { body: part } : undefined));
    expect((await search(reader)).damage).toEqual(['1 of 5 shards did not answer']);
  });

  it.each(['', '<html>welcome to the network</html>', '{}'])('takes %j for no answer', async (body) => {
    const { reader } = await open(({ path }) => (path.endsWith('/_search') ? { body } : undefined));
    await expect(search(reader)).rejects.toMatchObject({ code: 'REMOTE_UNSUITABLE' });
  });

  it('asks again while the server is busy', async () => {
    let busy = 0;
    const { reader } = await open(({ path }) =>
      path.endsWith('/_search') && busy++ < 2
        ? { status: 503, body: { error: { type: 'x', reason: 'not now' } } }
        : undefined,
    );
    expect((await search(reader)).records).toHaveLength(1200);
  });

  it('looks only into the days asked for', async () => {
    const days = ['logs-2023.11.13', 'logs-2023.11.14', 'logs-2023.11.15', 'logs-nginx-default'];
    const { reader, asked } = await open(({ path }) => {
      if (path.endsWith('/_mapping')) return { body: Object.fromEntries(days.map((day) => [day, { mappings: mappingOf('ours') }])) }; // biome-ignore format: one answer
      return path.endsWith('/_search') ? { body: found([]) } : undefined;
    });
    const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;
    const range = { from: at('2023-11-14T00:00:00Z'), to: at('2023-11-15T00:00:00Z') };
    const plan = { filter: parseFilter(''), range, clock, order: 'newest', limit: 5 } as const;
    for await (const _ of reader.search(plan, { scanned: 0, damage: [] }, signal)) continue;
    expect(asked.at(-1)?.path).toBe('/logs-2023.11.14/_search');
    expect(asked.at(-1)?.body['size']).toBe(5);
  });
});

describe('the indices of a read', () => {
  const named = (name: string, alias?: string) => ({ name, alias, mapping: mappingOf('ours') });

  it('are asked by the alias that names them, which may filter', () => {
    const { names, path, aliases } = viewOf(
      [named('old-1', 'logs'), named('old-2', 'logs'), named('logs-2023.01.01')],
      {},
    );
    expect(names).toEqual(['old-1', 'old-2', 'logs-2023.01.01']);
    expect(path).toBe('/logs,logs-2023.01.01');
    expect(aliases.get('old-2')).toBe('logs');
  });

  it('are named by months or years where they are very many', () => {
    const days = Array.from({ length: 400 }, (_, n) => new Date(Date.UTC(2023, 0, 1 + n)).toISOString().slice(0, 10));
    const indices = days.map((day) => ({
      name: `logs-${day.replaceAll('-', '.')}`,
      alias: undefined,
      mapping: mappingOf('ours'),
    }));
    expect(viewOf(indices, {}).path).toMatch(/^\/logs-2023\.01\.\*,logs-2023\.02\.\*,.*logs-2024\.02\.\*$/);
    expect(viewOf(indices, {}).names).toHaveLength(400);
  });
});

describe('following Elasticsearch', () => {
  it('gives each event once, over a server that is away, and out of order', async () => {
    let away = false;
    // As the shard numbers them; the third can be seen after the fourth.
    let seen = [0, 1];
    const told: string[] = [];
    const { reader } = await open(
      ({ path, body }) => {
        if (!path.endsWith('/_search')) return undefined;
        if (away) return { status: 503, body: { error: { type: 'x', reason: 'starting' } } };
        const ids = (body['query'] as { ids?: { values: string[] } }).ids?.values;
        if (ids !== undefined) return { body: found(RECORDS.filter(({ log_id }) => ids.includes(log_id)).map((one) => hit(one))) }; // biome-ignore format: one answer
        const low = JSON.stringify(body['query']).match(/"gt":(-?\d+)/)?.[1] ?? '-1';
        const listed = seen.filter((seq) => seq > Number(low)).map((seq) => hit(record(seq), seq));
        const isDown = JSON.stringify(body['sort']).includes('desc');
        return { body: found(isDown ? listed.reverse() : listed) };
      },
      (text) => told.push(text),
    );
    const stop = new AbortController();
    const got: string[] = [];
    const arriving = reader.follow({ filter: parseFilter(''), clock }, () => undefined, stop.signal);
    const reading = (async () => {
      for await (const batch of arriving) got.push(...batch.map(({ message }) => message ?? ''));
    })();
    const until = async (done: () => boolean): Promise<void> => {
      for (let tries = 0; !done() && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await new Promise((resolve) => setTimeout(resolve, 300));
    seen = [0, 1, 3];
    await until(() => got.length === 1);
    away = true;
    await until(() => told.length === 1);
    seen = [0, 1, 2, 3, 4];
    away = false;
    await until(() => got.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 600));
    stop.abort();
    await reading;
    expect(got).toEqual(['m3', 'm2', 'm4']);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('starting');
    expect(told[1]).toContain('answers again');
  });

  /** Follows a server of some shards, in which all of these events can be seen just after the start. */
  async function follow(
    shards: readonly (readonly number[])[],
    count: number,
    answer: (asked: { readonly shard: number; readonly ids: readonly string[] | undefined }) => Answer | undefined,
  ): Promise<string[]> {
    const settings = { 'index.uuid': 'u', 'index.number_of_shards': String(shards.length), 'index.refresh_interval': '1s' }; // biome-ignore format: one answer
    const { reader } = await open(({ path, query, body }) => {
      if (path.includes('/_settings')) return { body: { 'logs-2023.11.14': { settings } } };
      if (!path.endsWith('/_search')) return undefined;
      const shard = Number(/_shards(?::|%3A)(\d+)/.exec(query)?.[1]);
      const text = JSON.stringify(body['query'] ?? {});
      const wanted = /"ids":\{"values":(\[.*?\])/.exec(text)?.[1];
      const ids = wanted === undefined ? undefined : (JSON.parse(wanted) as string[]);
      const special = answer({ shard, ids });
      if (special !== undefined) return special;
      if (ids !== undefined) return { body: found(ids.map((id) => hit(record(Number(id.slice(3)))))) };
      const low = Number(/"gt":(-?\d+)/.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
      const listed = (shards[shard] ?? []).filter((seq) => seq > low).slice(0, Number(body['size']));
      return { body: found(listed.map((seq) => `{"_id":"id-${String(seq).padStart(6, '0')}","sort":[${seq}]}`)) };
    });
    const stop = new AbortController();
    const got: string[] = [];
    const reading = (async () => {
      for await (const batch of reader.follow({ filter: parseFilter(''), clock }, () => undefined, stop.signal)) {
        got.push(...batch.map(({ message }) => message ?? ''));
      }
    })();
    for (let tries = 0; got.length < count && tries < 240; tries++) await new Promise((done) => setTimeout(done, 50));
    stop.abort();
    await reading;
    return got;
  }

  it('keeps up with more events than can be listed again in one turn', async () => {
    const all = Array.from({ length: 30_000 }, (_, n) => n);
    const got = await follow([all], all.length, () => undefined);
    expect(new Set(got).size).toBe(got.length);
    expect(got).toHaveLength(all.length);
  });

  it('gives what it took from one shard before another failed', async () => {
    let failures = 0;
    const got = await follow([[1, 2], [3]], 3, ({ shard, ids }) =>
      ids !== undefined && shard === 1 && failures++ === 0
        ? { status: 503, body: { error: { type: 'x', reason: 'starting' } } }
        : undefined,
    );
    expect(got.sort()).toEqual(['m1', 'm2', 'm3']);
  });

  it('waits for events that another copy of their shard does not show yet', async () => {
    let asked = 0;
    const got = await follow([[1, 2]], 2, ({ ids }) =>
      ids !== undefined && asked++ === 0 ? { body: found([hit(record(1))]) } : undefined,
    );
    expect(got).toEqual(['m1', 'm2']);
  });
});
