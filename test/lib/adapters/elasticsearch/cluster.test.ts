import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openClient } from '../../../../src/lib/adapters/elasticsearch/client.ts';
import { findCluster, nameOf } from '../../../../src/lib/adapters/elasticsearch/cluster.ts';
import { parseElasticsearchUrl } from '../../../../src/lib/adapters/elasticsearch/url.ts';
import { type FakeCluster, fakeCluster, type FakeOptions } from './fake-cluster.ts';

let fake: FakeCluster | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

async function found(options: FakeOptions, address = (url: string) => url) {
  fake = await fakeCluster(options);
  return ask(address(fake.url));
}

async function ask(address: string) {
  const client = openClient(parseElasticsearchUrl(address));
  try {
    return nameOf(await findCluster(client));
  } finally {
    await client.close();
  }
}

describe('what a server is', () => {
  it.each<[FakeOptions, string]>([
    [{ version: '9.5.3' }, 'Elasticsearch 9.5.3'],
    [{ version: '8.19.21' }, 'Elasticsearch 8.19.21'],
    [{ version: '9.5.3', root: 405 }, 'Elasticsearch 9.5.3'],
    [{ version: '8.17.4', root: 403 }, 'Elasticsearch 8.17.4'],
    [{ product: 'opensearch', version: '3.8.0' }, 'OpenSearch 3.8.0'],
    [{ product: 'opensearch', version: '2.19.6' }, 'OpenSearch 2.19.6'],
    [{ product: 'opensearch', version: '2.19.6', root: 403 }, 'OpenSearch 2.19.6'],
  ])('%o is %s', async (options, name) => {
    expect(await found(options)).toBe(name);
  });

  it.each<[string, FakeOptions]>([
    ['Elasticsearch 7.17.29', { version: '7.17.29' }],
    ['Elasticsearch 10.0.0', { version: '10.0.0' }],
    ['OpenSearch 1.3.0', { product: 'opensearch', version: '1.3.0' }],
    ['neither Elasticsearch nor OpenSearch', { product: 'none' }],
  ])('refuses %s', async (name, options) => {
    await expect(found(options)).rejects.toMatchObject({
      code: 'REMOTE_UNSUITABLE',
      message: expect.stringContaining(name),
    });
  });

  it('knows a key that is accepted from one that is not', async () => {
    expect(await found({ apiKey: 'a2V5' }, (url) => `${url}/?api-key=a2V5`)).toBe('Elasticsearch 9.1.0');
    await expect(ask(`${fake?.url}/?api-key=b3RoZXI`)).rejects.toMatchObject({
      code: 'REMOTE_DENIED',
      message: `${fake?.url}/ does not accept the API key`,
    });
    await expect(ask(fake?.url ?? '')).rejects.toMatchObject({
      code: 'REMOTE_DENIED',
      message: expect.stringContaining('wants a user'),
    });
  });
});

describe('a server that is not there', () => {
  it('says so in one line', async () => {
    await expect(ask('es://127.0.0.1:1')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'cannot reach es://127.0.0.1:1: nothing listens there',
    });
    await expect(ask('es://no.such.host.invalid')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no such host'),
    });
  });

  it('tells TLS from plain', async () => {
    fake = await fakeCluster();
    await expect(ask(fake.url.replace('es:', 'es+https:'))).rejects.toMatchObject({
      code: 'REMOTE_TLS',
      message: expect.stringContaining('does not speak TLS'),
      hint: expect.stringContaining('write es://'),
    });
  });

  it('says that the connection broke', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    await expect(ask(`es://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      hint: expect.stringContaining('es+https://'),
    });
    await new Promise((done) => server.close(done));
  });

  it('stops with the reason of its signal, and after its time', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    const client = openClient(parseElasticsearchUrl(`es://127.0.0.1:${port}`));
    const stop = new AbortController();
    const asked = client.ask({ method: 'GET', path: '/' }, stop.signal);
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await expect(client.ask({ method: 'GET', path: '/', timeout: 50 })).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
    });
    await client.close();
    server.close();
  });
});

describe('what is sent', () => {
  it('is compressed where it is worth it, and comes from all hosts', async () => {
    fake = await fakeCluster();
    const client = openClient(parseElasticsearchUrl(`${fake.url}/?compression=gzip`));
    const lines = `${JSON.stringify({ create: { _index: 'a', _id: '1' } })}\n${JSON.stringify({ x: 'y'.repeat(5000) })}\n`;
    await client.ask({ method: 'POST', path: '/_bulk', lines });
    expect(fake.requests[0]?.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/x-ndjson',
    });
    expect(fake.docs.get('a/1')).toContain('yyy');
    await client.close();
    const other = await fakeCluster();
    const both = openClient(parseElasticsearchUrl(`es://127.0.0.1:${fake.port},127.0.0.1:${other.port}`));
    for (let n = 0; n < 8; n++) await both.ask({ method: 'GET', path: '/' });
    expect(other.requests.length).toBeGreaterThan(0);
    expect(fake.requests.length).toBeGreaterThan(1);
    await both.close();
    await other.close();
  });
});

describe('an address', () => {
  it.each([
    ['kafka://h/t', 'is not Elasticsearch'],
    ['es://h/?compression=brotli', 'compression=brotli'],
    ['es://u:p@h/?api-key=k', 'a user and an api-key'],
    ['es://h/?cert=a.pem', 'cert and key'],
    ['es://h/?indx=a', 'unknown setting "indx"'],
  ])('refuses %s', (address, message) => {
    expect(() => parseElasticsearchUrl(address)).toThrow(message);
  });

  it('says which certificate cannot be read', () => {
    expect(() => openClient(parseElasticsearchUrl('es+https://h/?ca=/no/such.pem'))).toThrow('ca=/no/such.pem');
  });
});
