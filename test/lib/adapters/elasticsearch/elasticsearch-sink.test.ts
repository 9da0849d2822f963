import { setMaxListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openElasticsearchSink } from '../../../../src/lib/adapters/elasticsearch/elasticsearch-sink.ts';
import { templateName } from '../../../../src/lib/adapters/elasticsearch/template/template.ts';
import { formatLogId } from '../../../../src/lib/record/log-id.ts';
import type { DeadLetter } from '../../../../src/lib/send/dead-letters.ts';
import { deliver, DELIVERY_SETTINGS } from '../../../../src/lib/send/deliver.ts';
import { batchOf, sinkContract } from '../../../contracts/sink.ts';
import { type FakeCluster, fakeCluster, type FakeOptions } from './fake-cluster.ts';

let fake: FakeCluster;
const { signal } = new AbortController();
setMaxListeners(0, signal);
const told: string[] = [];
const letters: DeadLetter[] = [];
afterEach(async () => {
  await fake?.close();
  told.length = 0;
  letters.length = 0;
});

async function open(options: FakeOptions = {}, query = '') {
  fake = await fakeCluster(options);
  return openElasticsearchSink(`${fake.url}/logs${query}`, (text) => told.push(text));
}

/** As `ship` uses it: retried until all is accepted or in the dead letters. */
async function deliverAll(query: string, fault: (cluster: FakeCluster) => void, batches = 10, events = 100) {
  const sink = await open({}, query);
  fault(fake);
  const deadLetters = {
    put: async (more: readonly DeadLetter[]) => void letters.push(...more),
    close: async () => undefined,
  };
  const settings = { ...DELIVERY_SETTINGS, firstMs: 1, longestMs: 5, breaker: { failures: 1000, pauseMs: 1 } };
  const delivered = deliver(sink, { deadLetters, tell: (text) => told.push(text) }, settings);
  const sent = Array.from({ length: batches }, (_, batch) =>
    delivered.send(
      batchOf(
        Array.from({ length: events }, (__, event) => JSON.stringify({ msg: `m${batch * events + event}`, batch })),
      ),
      signal,
    ),
  );
  const outcomes = await Promise.all(sent);
  await delivered.close();
  return outcomes;
}

function messages(): string[] {
  return [...fake.docs.values()].map((text) => (JSON.parse(text) as { message: string }).message);
}

function expectEachOnce(count: number): void {
  expect(messages().sort()).toEqual(Array.from({ length: count }, (_, at) => `m${at}`).sort());
}

sinkContract('Elasticsearch', async () => {
  fake = await fakeCluster();
  const sink = openElasticsearchSink(fake.url, () => undefined);
  return {
    sink,
    messages: async () =>
      [...fake.docs]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => (JSON.parse(text) as { message: string }).message),
    dispose: () => fake.close(),
  };
});

describe('a bulk that meets faults', () => {
  it('sends only what was refused again: 30 % of the items, at random', async () => {
    let state = 1;
    await deliverAll('', (cluster) => {
      cluster.item = () => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return state / 2 ** 31 < 0.3
          ? { status: 429, type: 'es_rejected_execution_exception', reason: 'queue is full' }
          : undefined;
      };
    });
    expectEachOnce(1000);
    expect(letters).toEqual([]);
  });

  it('sends halves of what is too large, and one event that is alone to the dead letters', async () => {
    const limit = 128 * 1024;
    const sink = await open();
    fake.bulk = ({ bytes }) => (bytes > limit ? { status: 413 } : undefined);
    const deadLetters = {
      put: async (more: readonly DeadLetter[]) => void letters.push(...more),
      close: async () => undefined,
    };
    const delivered = deliver(sink, { deadLetters, tell: () => undefined });
    const lines = Array.from({ length: 400 }, (_, at) => JSON.stringify({ msg: `m${at}`, pad: 'x'.repeat(1000) }));
    lines.push(JSON.stringify({ msg: 'whale', pad: 'x'.repeat(limit) }));
    await delivered.send(batchOf(lines), signal);
    await delivered.close();
    expectEachOnce(400);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.reason).toContain('takes no request of this size');
  });

  it('writes nothing twice when answers get lost', async () => {
    let count = 0;
    await deliverAll('', (cluster) => {
      cluster.bulk = () => (++count % 3 === 1 ? 'lose' : undefined);
    });
    expectEachOnce(1000);
    expect(letters).toEqual([]);
  });

  it('waits while the disk is full, an index is red, the server is away or says when to come back', async () => {
    const faults = [
      {
        status: 403,
        body: {
          error: {
            type: 'cluster_block_exception',
            reason: 'index [logs] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];',
          },
        },
      },
      {
        status: 429,
        body: {
          error: {
            type: 'cluster_block_exception',
            reason: 'blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];',
          },
        },
      },
      { status: 503, body: 'no healthy upstream', headers: { 'retry-after': '0' } },
      { status: 502, body: '<html>Bad gateway</html>' },
      { status: 500 },
    ];
    await deliverAll('', (cluster) => {
      cluster.bulk = () => faults.pop();
      let reds = 50;
      cluster.item = () =>
        reds-- > 0
          ? { status: 503, type: 'unavailable_shards_exception', reason: '[logs][0] primary shard is not active' }
          : undefined;
    });
    expectEachOnce(1000);
    expect(letters).toEqual([]);
  });

  it('passes on how long the server asks to be left alone', async () => {
    const sink = await open();
    fake.bulk = () => ({
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { type: 'x', reason: 'slow down' } },
    });
    await expect(sink.send(batchOf(['a']), signal)).rejects.toMatchObject({
      code: 'REMOTE_BUSY',
      retryAfterMs: 7000,
      message: expect.stringContaining('slow down'),
    });
    await sink.close();
  });

  it('tells the flood stage of one item from a block by hand', async () => {
    const sink = await open();
    fake.item = ({ source }) => ({
      status: 403,
      type: 'cluster_block_exception',
      reason: source.includes('full')
        ? 'blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];'
        : 'blocked by: [FORBIDDEN/8/index write (api)];',
    });
    const delivery = await sink.send(batchOf(['full', 'closed']), signal);
    expect(delivery.retry?.map(({ event }) => event)).toEqual([0]);
    expect(delivery.rejected.map(({ event }) => event)).toEqual([1]);
    await sink.close();
  });

  it('refuses an answer that is not of this bulk', async () => {
    const sink = await open();
    fake.bulk = () => ({ status: 200, body: { errors: true, items: [] } });
    await expect(sink.send(batchOf(['a']), signal)).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
    fake.bulk = () => ({ status: 200, body: 'logged in' });
    await expect(sink.send(batchOf(['a']), signal)).rejects.toMatchObject({ code: 'REMOTE_UNSUITABLE' });
    await sink.close();
  });

  it.each([
    [403, 'security_exception', 'action [indices:data/write] is unauthorized', 'REMOTE_DENIED'],
    [
      404,
      'index_not_found_exception',
      'no such index [logs-2026.01.01] and [action.auto_create_index] is [false]',
      'REMOTE_UNSUITABLE',
    ],
    [
      400,
      'validation_exception',
      'this action would add [10] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;',
      'REMOTE_UNSUITABLE',
    ],
  ])('ends at %i %s: no event would fare better', async (status, type, reason, code) => {
    const sink = await open();
    fake.item = () => ({ status, type, reason });
    await expect(sink.send(batchOf(['a', 'b']), signal)).rejects.toMatchObject({ code });
    await sink.close();
  });
});

describe('an event that fits no mapping', () => {
  const conflict = (cluster: FakeCluster): void => {
    cluster.item = ({ source }) =>
      /"user":"/.test(source.split('"_fields"')[0] ?? '') || /"bad":/.test(source)
        ? {
            status: 400,
            type: 'document_parsing_exception',
            reason: "[1:9] failed to parse field [user] of type [object] in document with id 'X'. Preview",
          }
        : undefined;
  };

  it('is sent again with the field beside the others', async () => {
    const sink = await open();
    conflict(fake);
    expect(await sink.send(batchOf(['{"msg":"a","user":"bob","n":1}', '{"msg":"b","user":{"id":1}}']), signal)).toEqual(
      { accepted: 2, rejected: [] },
    );
    const [first] = [...fake.docs.values()].filter((text) => text.includes('"message":"a"'));
    expect(JSON.parse(first ?? '')).toMatchObject({ n: 1, _fields: { user: 'bob' } });
    await sink.close();
  });

  it('goes to the dead letters with the reason, or is kept unindexed where that is asked for', async () => {
    const sink = await open();
    conflict(fake);
    const delivery = await sink.send(batchOf(['{"msg":"a","user":"bob","bad":1}', 'plain']), signal);
    expect(delivery).toMatchObject({
      accepted: 1,
      rejected: [{ event: 0, reason: expect.stringContaining('failed to parse field [user]') }],
    });
    expect(delivery.rejected[0]?.reason).not.toContain('document with id');
    await sink.close();
    await fake.close();
    const kind = await open({}, '?conflicts=unindexed');
    conflict(fake);
    expect(await kind.send(batchOf(['{"msg":"a","user":"bob","bad":1}']), signal)).toEqual({
      accepted: 1,
      rejected: [],
    });
    expect(JSON.parse([...fake.docs.values()][0] ?? '')).toMatchObject({ message: 'a', _inexact: ['*'] });
    await kind.close();
  });

  it('takes the time of receipt from the id, or now where that is none', async () => {
    const sink = await open();
    const ids = [formatLogId(Date.parse('2024-02-29T12:00:00Z'), '0123456789ab', 1, 2), 'Z'.repeat(32)];
    await sink.send({ ...batchOf(['a', 'b']), ids }, signal);
    const [first, second] = [...fake.docs.values()].map(
      (text) => (JSON.parse(text) as { received_at: string }).received_at,
    );
    expect(first).toBe('2024-02-29T12:00:00.000Z');
    expect(Math.abs(Date.parse(second ?? '') - Date.now())).toBeLessThan(60_000);
    expect([...fake.docs.keys()][0]).toBe(`logs-2024.02.29/${ids[0]}`);
    await sink.close();
  });

  it('counts what could not be parsed once, and only what was accepted', async () => {
    const sink = await open();
    let refuse = true;
    fake.item = () => (refuse ? { status: 429, type: 'x', reason: 'later' } : undefined);
    const batch = {
      ...batchOf(['{"broken', '{"a":1}']),
      ids: ['A'.repeat(32), 'B'.repeat(32)],
      context: { format: 'json' },
    };
    await sink.send(batch, signal);
    expect(sink.unparsed?.()).toBe(0);
    refuse = false;
    await sink.send(batch, signal);
    expect(sink.unparsed?.()).toBe(1);
    await sink.close();
  });
});

describe('check', () => {
  it('makes the template where there is none, and only then', async () => {
    const sink = await open();
    await sink.check(signal);
    expect(told).toEqual([
      expect.stringContaining(`made the index template ${templateName('logs')}: 5 shards, 1 replica`),
    ]);
    expect(fake.templates.get(templateName('logs'))).toMatchObject({
      version: 1,
      _meta: { logs: { version: 1, words: 'ours' } },
    });
    told.length = 0;
    await sink.check(signal);
    expect(told).toEqual([]);
    await sink.close();
  });

  it('has no replicas on a single node, and leaves all alone where it is told to', async () => {
    await (await open({ nodes: 1 })).check(signal);
    expect(told[0]).toContain('no replicas, for there is one node');
    await fake.close();
    told.length = 0;
    await (await open({}, '?init=false')).check(signal);
    expect(told[0]).toContain('there is no index template');
    expect(fake.templates.size).toBe(0);
  });

  it('keeps what was chosen when it brings a template of an earlier version up to date', async () => {
    const sink = await open();
    const index = {
      number_of_shards: '2',
      number_of_replicas: '3',
      refresh_interval: '30s',
      lifecycle: { name: 'mine' },
    };
    const mark = { _meta: { logs: { version: 0, words: 'ours' } } };
    fake.templates.set(templateName('logs'), { ...mark, template: { settings: { index } } });
    await sink.check(signal);
    expect(told).toEqual([expect.stringContaining('up to date')]);
    expect(fake.templates.get(templateName('logs'))).toMatchObject({
      version: 1,
      template: {
        settings: {
          index: { number_of_shards: 2, number_of_replicas: 3, refresh_interval: '30s', 'lifecycle.name': 'mine' },
        },
      },
    });
    await sink.close();
  });

  it('refuses indices of a newer version', async () => {
    const sink = await open();
    fake.templates.set(templateName('logs'), { _meta: { logs: { version: 99, words: 'ours' } } });
    await expect(sink.check(signal)).rejects.toMatchObject({
      code: 'REMOTE_UNSUITABLE',
      message: expect.stringContaining('version 99'),
    });
  });

  it.each([
    ['es://h/Logs', 'cannot be the name of an index'],
    ['es://h/a/b', 'names 2 things'],
    ['es://h/logs?datastream=x', 'cannot be the name of a data stream'],
  ])('refuses %s', (address, message) => {
    expect(() => openElasticsearchSink(address, () => undefined)).toThrow(message);
  });
});
