import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

// A server of the protocol for what no real one does on demand: storms of 429, 413, answers that get lost, disks that
// are full, ILM and ISM, API keys, and every product and version there is to tell apart.

export interface FakeOptions {
  readonly product?: 'elasticsearch' | 'opensearch' | 'none';
  readonly version?: string;
  /** What `GET /` answers with; 405 as a server without that module, 403 as one whose role forbids it. */
  readonly root?: 200 | 403 | 405;
  /** Elasticsearch 8 refuses headers that name version 9, OpenSearch any such. */
  readonly apiKey?: string;
  /** ILM or ISM, whichever the product has. */
  readonly policies?: boolean;
  readonly nodes?: number;
}

export interface FakeItem {
  readonly index: string;
  readonly id: string;
  readonly source: string;
}

/** What becomes of an item: nothing said is as a real server does it. */
export type ItemFault = { readonly status: number; readonly type: string; readonly reason: string } | undefined;

export interface FakeCluster {
  readonly url: string;
  readonly port: number;
  /** Documents by `index/id`, as they were sent. */
  readonly docs: Map<string, string>;
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly bytes: number;
    readonly headers: IncomingMessage['headers'];
  }[];
  readonly templates: Map<string, unknown>;
  readonly policies: Map<string, { body: unknown; seq: number }>;
  /** Set to change what happens to whole requests of `_bulk`: answer and return true; `lose` takes the documents and then breaks the connection. */
  bulk:
    | ((request: {
        readonly bytes: number;
        readonly count: number;
      }) => { status: number; body?: unknown; headers?: Record<string, string> } | 'lose' | undefined)
    | undefined;
  item: ((item: FakeItem) => ItemFault) | undefined;
  close(): Promise<void>;
}

export async function fakeCluster(options: FakeOptions = {}): Promise<FakeCluster> {
  const { product = 'elasticsearch', version = '9.1.0', root = 200, policies = true, nodes = 3 } = options;
  const fake: FakeCluster = {
    url: '',
    port: 0,
    docs: new Map(),
    requests: [],
    templates: new Map(),
    policies: new Map(),
    bulk: undefined,
    item: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      answer(request, response, body.toString());
    });
  });

  const reply = (
    response: ServerResponse,
    status: number,
    body: unknown,
    headers: Record<string, string> = {},
  ): void => {
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(product === 'elasticsearch' ? { 'x-elastic-product': 'Elasticsearch' } : {}),
      ...headers,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const error = (response: ServerResponse, status: number, type: string, reason: string): void =>
    reply(response, status, { error: { type, reason, root_cause: [{ type, reason }] }, status });

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = '', url = '/' } = request;
    const path = url.split('?')[0] ?? '';
    fake.requests.push({ method, path: url, bytes: Buffer.byteLength(body), headers: request.headers });
    if (product === 'none')
      return reply(response, path === '/' ? 200 : 404, '<html>It works!</html>', { 'content-type': 'text/html' });
    if (/compatible-with/.test(`${request.headers.accept} ${request.headers['content-type']}`)) {
      return error(
        response,
        product === 'opensearch' ? 406 : 400,
        'media_type_header_exception',
        'Invalid media-type value',
      );
    }
    if (options.apiKey !== undefined && request.headers.authorization !== `ApiKey ${options.apiKey}`) {
      return error(response, 401, 'security_exception', 'unable to authenticate with provided credentials');
    }
    if (path === '/') {
      if (root !== 200) return error(response, root, 'x', 'Incorrect HTTP method for uri [/]');
      return reply(response, 200, {
        version: { number: version, ...(product === 'opensearch' ? { distribution: 'opensearch' } : {}) },
        tagline: product === 'opensearch' ? 'The OpenSearch Project: https://opensearch.org/' : 'You Know, for Search',
      });
    }
    if (path === '/_nodes/_local') return reply(response, 200, { nodes: { a: { version } } });
    if (path === '/_cluster/health') return reply(response, 200, { status: 'green', number_of_data_nodes: nodes });
    if (path === '/_bulk') return bulk(response, body);
    if (path.startsWith('/_cat/indices')) return reply(response, 200, []);
    const template = /^\/_index_template\/(.+)$/.exec(path)?.[1];
    if (template !== undefined) {
      if (method === 'PUT') fake.templates.set(template, JSON.parse(body));
      else if (!fake.templates.has(template))
        return error(response, 404, 'resource_not_found_exception', 'no such template');
      else
        return reply(response, 200, {
          index_templates: [{ name: template, index_template: fake.templates.get(template) }],
        });
      return reply(response, 200, { acknowledged: true });
    }
    const policy = (product === 'elasticsearch' ? /^\/_ilm\/policy\/(.+)$/ : /^\/_plugins\/_ism\/policies\/(.+)$/).exec(
      path,
    )?.[1];
    if (policies && policy !== undefined) return policyRequest(method, url, policy, response, body);
    return error(
      response,
      400,
      'illegal_argument_exception',
      `no handler found for uri [${path}] and method [${method}]`,
    );
  }

  function policyRequest(method: string, url: string, name: string, response: ServerResponse, body: string): void {
    const found = fake.policies.get(name);
    if (method === 'GET') {
      if (found === undefined) return error(response, 404, 'resource_not_found_exception', 'no such policy');
      if (product === 'elasticsearch') return reply(response, 200, { [name]: found.body });
      return reply(response, 200, { _id: name, _seq_no: found.seq, _primary_term: 1, ...(found.body as object) });
    }
    const seq = /if_seq_no=(\d+)/.exec(url)?.[1];
    if (product === 'opensearch' && found !== undefined && Number(seq) !== found.seq) {
      return error(response, 409, 'version_conflict_engine_exception', 'a newer policy is there');
    }
    fake.policies.set(name, { body: JSON.parse(body), seq: (found?.seq ?? 0) + 1 });
    reply(response, 200, { acknowledged: true });
  }

  function bulk(response: ServerResponse, body: string): void {
    const lines = body.split('\n');
    const fault = fake.bulk?.({ bytes: Buffer.byteLength(body), count: (lines.length - 1) / 2 });
    if (fault !== undefined && fault !== 'lose') {
      return reply(response, fault.status, fault.body ?? { error: `status ${fault.status}` }, fault.headers);
    }
    const items: object[] = [];
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const { create } = JSON.parse(lines[at] as string) as { create: { _index: string; _id: string } };
      const item = { index: create._index, id: create._id, source: lines[at + 1] as string };
      const key = `${item.index}/${item.id}`;
      const failed = fake.item?.(item);
      if (failed !== undefined)
        items.push({ create: { status: failed.status, error: { type: failed.type, reason: failed.reason } } });
      else if (fake.docs.has(key))
        items.push({
          create: {
            status: 409,
            error: { type: 'version_conflict_engine_exception', reason: 'document already exists' },
          },
        });
      else {
        fake.docs.set(key, item.source);
        items.push({ create: { status: 201 } });
      }
    }
    if (fault === 'lose') {
      response.destroy();
      return;
    }
    reply(response, 200, { errors: items.some((item) => 'error' in (item as { create: object }).create), items });
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, { url: `es://127.0.0.1:${port}`, port });
}
