import { Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { ownServer, server } from './servers.ts';

// The harness itself: what it says is up answers, a second asker gets the same, what was killed comes back with its data.

const name = `servers-${inject('testRun')}`;

function kafkaAt(url: string): Kafka {
  const brokers = url.replace('kafka://', '').split(',');
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
}

async function topicsOf(url: string): Promise<string[]> {
  const admin = kafkaAt(url).admin();
  await admin.connect();
  try {
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

const shared = await server('kafka');

describe.skipIf(shared.missing)('a shared server', () => {
  test('is the same for all who ask, and answers', async () => {
    const again = await server('kafka');
    expect(again).toMatchObject({ url: shared.url, pid: shared.pid, port: shared.port });
    expect(await topicsOf(shared.url)).toBeInstanceOf(Array);
  });
});

const own = await ownServer('kafka');

describe.skipIf(own.missing)('a broker of its own', () => {
  afterAll(() => own.stop());

  test('keeps its port and its topics over a crash', async () => {
    expect(own.port).not.toBe(shared.port);
    const admin = kafkaAt(own.url).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: name }] });
    await admin.disconnect();
    const { url, pid } = own;

    await own.kill();
    await expect(topicsOf(url)).rejects.toThrow();

    await own.start();
    expect(own.url).toBe(url);
    expect(own.pid).not.toBe(pid);
    expect(await topicsOf(url)).toContain(name);
  });
});

const documents = await server('opensearch');

describe.skipIf(documents.missing)('a shared search server', () => {
  test('answers', async () => {
    const answer = await fetch(`http://${documents.host}:${documents.port}/`);
    expect(await answer.json()).toMatchObject({ version: { distribution: 'opensearch' } });
  });
});

const search = await ownServer('elasticsearch');

describe.skipIf(search.missing)('a search server of its own', () => {
  afterAll(() => search.stop());

  test('keeps its port, its users and its documents over a crash', async () => {
    const as = (url: string): { readonly [name: string]: string } => {
      const { username, password } = new URL(url.replace(/^\w+/, 'http'));
      return { 'content-type': 'application/json', authorization: `Basic ${btoa(`${username}:${password}`)}` };
    };
    const document = `http://${search.host}:${search.port}/${name}/_doc/1`;
    const put = (url: string): Promise<Response> =>
      fetch(`${document}?refresh=true`, { method: 'PUT', headers: as(url), body: '{"kept":true}' });
    expect((await put(search.urls.viewer as string)).status).toBe(403);
    expect((await put(search.url)).status).toBe(201);

    await search.kill();
    await expect(put(search.url)).rejects.toThrow();

    await search.start();
    const got = await fetch(document, { headers: as(search.urls.viewer as string) });
    expect(await got.json()).toMatchObject({ _source: { kept: true } });
  });
});
