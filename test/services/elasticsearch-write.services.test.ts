import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openIndexAdmin } from '../../src/lib/adapters/elasticsearch/admin/index-admin.ts';
import { type EsClient, openClient } from '../../src/lib/adapters/elasticsearch/client.ts';
import { documentOf } from '../../src/lib/adapters/elasticsearch/document/document-of.ts';
import { recordOf } from '../../src/lib/adapters/elasticsearch/document/record-of.ts';
import { openElasticsearchSink } from '../../src/lib/adapters/elasticsearch/elasticsearch-sink.ts';
import { parseElasticsearchUrl } from '../../src/lib/adapters/elasticsearch/url.ts';
import { readJson } from '../../src/lib/parse/json-reader.ts';
import { parseEvent } from '../../src/lib/parse/parse-event.ts';
import type { Fields } from '../../src/lib/record/record.ts';
import { toWireJson } from '../../src/lib/record/wire-json.ts';
import { createMint } from '../../src/lib/send/mint-ids.ts';
import { batchOf, sinkContract } from '../contracts/sink.ts';
import { type Server, server, type ServerKind } from './servers.ts';

const naughty = createRequire(import.meta.url)('big-list-of-naughty-strings') as readonly string[];
const { signal } = new AbortController();
setMaxListeners(0, signal);
const mint = createMint();

for (const kind of ['opensearch', 'opensearch2', 'elasticsearch', 'elasticsearch8'] as const) await suite(kind);

async function suite(kind: ServerKind): Promise<void> {
  const it = await server(kind);
  describe.skipIf(it.missing)(`writing to ${kind}`, () => writing(kind, it));
}

function writing(kind: ServerKind, at: Server): void {
  const own = `write-${inject('testRun')}`;
  let client: EsClient;
  beforeAll(() => {
    client = openClient(parseElasticsearchUrl(at.url));
  });
  afterAll(async () => {
    await client.ask({ method: 'DELETE', path: `/${own}-*`, allow: [400, 404] });
    await client.ask({ method: 'DELETE', path: `/_index_template/logs-toolkit-${own}-*`, allow: [404] });
    await client.close();
  });

  /** Every test an index base of its own. */
  const address = (base: string, query = ''): string => `${at.url}/${own}-${base}${query}`;

  async function ship(to: string, lines: readonly string[]) {
    const sink = openElasticsearchSink(to, () => undefined);
    try {
      await sink.check(signal);
      const batch = mint(batchOf(lines));
      return { batch, delivery: await sink.send(batch, signal), again: await sink.send(batch, signal) };
    } finally {
      await sink.close();
    }
  }

  async function search(base: string, body: object): Promise<Fields[]> {
    const path = `/${own}-${base}*`;
    await client.ask({ method: 'POST', path: `${path}/_refresh` });
    const { text } = await client.ask({
      method: 'POST',
      path: `${path}/_search`,
      body: { size: 10_000, sort: 'log_id', ...body },
    });
    const { hits } = readJson(text).value as { hits: { hits: { _source: Fields }[] } };
    return hits.hits.map(({ _source }) => _source);
  }

  const messages = (sources: readonly Fields[]) => sources.map(({ message }) => message);

  sinkContract(kind, async () => {
    const base = `contract${Math.trunc(performance.now())}`;
    const sink = openElasticsearchSink(address(base), () => undefined);
    await sink.check(signal);
    return {
      sink,
      messages: async () => messages(await search(base, {})) as string[],
      dispose: async () => undefined,
    };
  });

  test('gives hostile events back as they were, and their bytes with original=true', async () => {
    const lines = [
      ...naughty.filter((text) => text !== '' && !text.includes('\n')),
      // Every new name is an update of the cluster: many in one event are one.
      ...packs(naughty, 100).map((texts) =>
        JSON.stringify({ msg: 'names', ...Object.fromEntries(texts.map((text) => [text.slice(0, 200), text])) }),
      ),
      '{"a":9007199254740993,"b":1e400,"c":-0,"d":1.0,"e":123456789012345678901234567890,"f":18446744073709551615}',
      '{"":1,".":2,"a..b":{"x":1},"o":{"":1,"  ":2,"ok":3},"__proto__":{"x":1}}',
      '{"_id":"x","_source":{"a":1},"_logs":"x","_fields":{"_fields":1},"_inexact":["a"],"_primary_term":"x","_routing":1}',
      '{"host.ip":"10.0.0.1","service":{"name":"x","version":"1"},"user_id":{"n":1},"stack":{"x":1},"error":"boom","exception":"e","event":[1]}',
      '{"p":1,"p.q":2,"mixed":[1,{"b":2}],"r":{},"deep":' + '{"a":'.repeat(60) + '1' + '}'.repeat(60) + '}',
      `{"n":${'1'.repeat(1500)}}`,
      `{"msg":"${'x'.repeat(100_000)}","long":"${'y'.repeat(100_000)}"}`,
      '{"ts":"2024-02-29T23:59:59.123456789+05:30","msg":"leap"}',
    ];
    const { batch, delivery, again } = await ship(address('hostile', '?original=true'), lines);
    expect(delivery).toEqual({ accepted: lines.length, rejected: [] });
    expect(again).toEqual({ accepted: lines.length, rejected: [] });
    const sources = await search('hostile', {});
    expect(sources).toHaveLength(lines.length);
    for (const [index, source] of sources.entries()) {
      const line = Buffer.from(lines[index] ?? '');
      const stored = recordOf(source);
      const received = stored?.record.receivedAt ?? 0n;
      expect(Buffer.from(stored?.record.raw ?? []).equals(line)).toBe(true);
      expect(toWireJson(stored?.record as never)).toBe(
        toWireJson(parseEvent(line, {}, received, batch.ids?.[index] as string)),
      );
    }
  });

  test('takes times that date_nanos does not hold', async () => {
    const record = parseEvent(Buffer.from('{"msg":"early"}'), {}, 1n, 'E');
    await client.ask({ method: 'PUT', path: `/${own}-times-1970.01.01`, allow: [400] });
    for (const [id, ts] of [
      ['A', -1n],
      ['B', 2n ** 63n],
    ] as const) {
      const document = documentOf({ ...record, ts, log_id: id });
      await client.ask({ method: 'PUT', path: `/${own}-times-1970.01.01/_create/${id}`, body: document });
    }
    const sources = await search('times', { sort: '_doc' });
    expect(new Set(sources.map((source) => recordOf(source)?.record.ts))).toEqual(new Set([-1n, 2n ** 63n]));
  });

  test('keeps both when a field is an object here and a word there', async () => {
    await ship(address('conflict'), ['{"msg":"a","user":{"id":1}}', '{"msg":"c","deep":{"x":1}}']);
    const { delivery } = await ship(address('conflict'), [
      '{"msg":"b","user":"bob","n":1}',
      '{"msg":"d","deep":{"x":{"y":1}}}',
    ]);
    expect(delivery).toEqual({ accepted: 2, rejected: [] });
    expect(messages(await search('conflict', { query: { term: { '_fields.user': 'bob' } } }))).toEqual(['b']);
    expect(messages(await search('conflict', { query: { term: { 'user.id': '1' } } }))).toEqual(['a']);
    expect(messages(await search('conflict', { query: { term: { '_fields.deep.x.y': '1' } } }))).toEqual(['d']);
  });

  test('loses no event of a sender that makes up fields', async () => {
    const lines = Array.from({ length: 3 }, (_, line) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (__, key) => [`k${line}_${key}`, 'v']))),
    );
    const { delivery } = await ship(address('many', '?conflicts=unindexed'), lines);
    expect(delivery).toEqual({ accepted: 3, rejected: [] });
    const sources = await search('many', {});
    expect(sources.map((source) => Object.keys(recordOf(source)?.record.fields ?? {}).length)).toEqual(
      lines.map(() => 500),
    );
    const plain = await ship(address('many2'), lines);
    // Elasticsearch leaves what is too much unmapped; OpenSearch cannot.
    if (kind.startsWith('opensearch')) expect(plain.delivery.rejected[0]?.reason).toContain('Limit of total fields');
    else expect(plain.delivery.accepted).toBe(3);
  });

  test('indexes numbers as written and as numbers, and says where it could not', async () => {
    await ship(address('numbers'), ['{"msg":"a","n":500}']);
    await ship(address('numbers'), [
      '{"msg":"b","n":"1000"}',
      '{"msg":"c","n":"slow"}',
      '{"msg":"d","n":5e2}',
      '{"msg":"e","n":9007199254740993}',
    ]);
    const found = async (query: object) => messages(await search('numbers', { query }));
    expect(await found({ range: { 'n.num': { gt: 400, lt: 2000 } } })).toEqual(['a', 'b', 'd']);
    expect(await found({ term: { n: '5e2' } })).toEqual(['d']);
    expect(await found({ term: { _inexact: 'n' } })).toEqual(['e']);
    expect(await found({ term: { _ignored: 'n.num' } })).toEqual(['c']);
  });

  test('finds words', async () => {
    await ship(address('words'), [
      '{"msg":"GET http://example.com/a_b ΣΟΦΟΣ"}',
      '{"msg":"\\u212a"}',
      '{"msg":"other","error":{"message":"Broken pipe"}}',
      '{"msg":"last","exception":{"type":"java.io.IOException","code":5}}',
    ]);
    const found = async (field: string, text: string) =>
      (await search('words', { query: { match_phrase: { [field]: text } } })).length;
    const status = await statusOf(address('words'));
    expect(await found('message', 'get http')).toBe(1);
    expect(await found('error.message', 'PIPE')).toBe(1);
    expect(status.template.words).toBe(kind === 'opensearch' ? 'ours' : 'plain');
    if (status.template.words === 'ours') {
      expect(await found('message', 'example')).toBe(1);
      expect(await found('message', 'a_b')).toBe(1);
      expect(await found('message', 'a')).toBe(0);
      expect(await found('message', 'σοφος')).toBe(1);
      expect(await found('message', 'k')).toBe(0);
      expect(await found('exception.type', 'ioexception')).toBe(1);
    }
  });

  async function statusOf(url: string) {
    const admin = openIndexAdmin(url, () => undefined);
    try {
      return await admin.status(signal);
    } finally {
      await admin.close();
    }
  }

  test('sets up indices again and again, and says what is there', async () => {
    const admin = openIndexAdmin(address('admin'), () => undefined);
    try {
      expect(await admin.status(signal)).toMatchObject({ template: { state: 'missing' }, indices: [], docs: 0 });
      const first = await admin.setUp({ shards: 2 }, signal);
      expect(first).toMatchObject({
        replaced: false,
        settings: { shards: 2, replicas: 0, refresh: '5s' },
        oneNode: true,
      });
      const second = await admin.setUp({ refresh: '1s' }, signal);
      expect(second).toMatchObject({ replaced: true, settings: { shards: 2, replicas: 0, refresh: '1s' } });
      await ship(address('admin'), ['{"ts":"2024-02-29T12:00:00Z"}', '{"ts":"2024-03-01T00:00:00Z"}']);
      await search('admin', {});
      expect(await admin.status(signal)).toMatchObject({
        template: { state: 'ours', version: 1 },
        docs: 2,
        indices: [
          { index: `${own}-admin-2024.02.29`, docs: 1, shards: 2, replicas: 0 },
          { index: `${own}-admin-2024.03.01`, docs: 1, shards: 2, replicas: 0 },
        ],
      });
      await expect(admin.setUp({ deleteAfter: 30 }, signal)).rejects.toMatchObject({
        code: 'REMOTE_UNSUITABLE',
        message: expect.stringContaining('keeps no policies'),
      });
    } finally {
      await admin.close();
      await client.ask({ method: 'DELETE', path: `/_index_template/logs-toolkit-${own}-admin` });
    }
  });

  const toStream = kind.startsWith('opensearch') ? test : undefined;
  toStream?.('writes to a data stream', async () => {
    const to = `${at.url}/?datastream=${own}-stream`;
    const { delivery } = await ship(to, ['{"msg":"a"}', '{"msg":"b"}']);
    expect(delivery).toEqual({ accepted: 2, rejected: [] });
    expect(messages(await search('stream', {}))).toEqual(['a', 'b']);
    expect((await statusOf(to)).indices).toHaveLength(1);
    await client.ask({ method: 'DELETE', path: `/_data_stream/${own}-stream` });
  });

  const asUser = at.urls['viewer'] === undefined ? undefined : test;
  asUser?.('says who may not write, and whose password is wrong', async () => {
    const check = async (to: string) => {
      const sink = openElasticsearchSink(to, () => undefined);
      try {
        await sink.check(signal);
      } finally {
        await sink.close();
      }
    };
    await expect(check(`${at.urls['viewer']}/${own}-denied`)).rejects.toMatchObject({
      code: 'REMOTE_DENIED',
      message: expect.stringContaining('does not let viewer write'),
    });
    const wrong = at.url.replace(/:[^:@]*@/, ':wrong@');
    await expect(check(wrong)).rejects.toMatchObject({
      code: 'REMOTE_DENIED',
      message: expect.stringContaining('does not accept the password'),
    });
    const viewer = openElasticsearchSink(`${at.urls['viewer']}/${own}-denied`, () => undefined);
    await expect(viewer.send(batchOf(['a']), signal)).rejects.toMatchObject({ code: 'REMOTE_DENIED' });
    await viewer.close();
  });
}

function packs<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
