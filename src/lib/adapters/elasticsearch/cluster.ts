import { LogsError } from '../../errors.ts';
import type { EsAnswer, EsClient } from './client.ts';

/** What a server is. */
export interface Cluster {
  readonly product: 'elasticsearch' | 'opensearch';
  /** As it names it: `9.5.3`. Unknown where our login may ask neither way. */
  readonly version: string | undefined;
  readonly major: number | undefined;
  readonly minor: number | undefined;
}

const NAMES = { elasticsearch: 'Elasticsearch', opensearch: 'OpenSearch' } as const;
const SUPPORTED = { elasticsearch: [8, 9], opensearch: [2, 3] } as const;

/**
 * Asks a server what it is. `GET /` may be forbidden to a role, or not be there at all: then the version is asked of
 * the node, and the header says the product.
 * @throws LogsError REMOTE_UNSUITABLE for another product or a version that is not supported; what `EsClient.ask` throws
 */
export async function findCluster(client: EsClient, signal?: AbortSignal): Promise<Cluster> {
  const root = await client.ask({ method: 'GET', path: '/', allow: [403, 404, 405] }, signal);
  const seen = root.status === 200 ? fromRoot(root) : undefined;
  const cluster = seen ?? (await fromNode(client, root, signal));
  const supported: readonly number[] = SUPPORTED[cluster.product];
  if (cluster.major !== undefined && !supported.includes(cluster.major)) {
    throw new LogsError('REMOTE_UNSUITABLE', `${client.url.shown} is ${nameOf(cluster)}`, {
      hint: 'Elasticsearch 8 and 9 and OpenSearch 2 and 3 are supported',
    });
  }
  return cluster;
}

/** `Elasticsearch 9.5.3`. */
export function nameOf({ product, version }: Cluster): string {
  return version === undefined ? NAMES[product] : `${NAMES[product]} ${version}`;
}

interface Root {
  readonly tagline?: unknown;
  readonly version?: { readonly number?: unknown; readonly distribution?: unknown };
}

interface Nodes {
  readonly nodes?: { readonly [id: string]: { readonly version?: unknown } };
}

function fromRoot(answer: EsAnswer): Cluster | undefined {
  const body = parse(answer.text) as Root | null | undefined;
  const number = body?.version?.number;
  if (typeof number !== 'string') return undefined;
  // OpenSearch can be told to give itself out as Elasticsearch 7.10 to old clients; its tagline stays.
  const isOpenSearch = body?.version?.distribution === 'opensearch' || String(body?.tagline).includes('OpenSearch');
  if (isOpenSearch) return versioned('opensearch', body?.version?.distribution === 'opensearch' ? number : undefined);
  if (body?.tagline !== 'You Know, for Search' && answer.headers['x-elastic-product'] !== 'Elasticsearch')
    return undefined;
  return versioned('elasticsearch', number);
}

async function fromNode(client: EsClient, root: EsAnswer, signal: AbortSignal | undefined): Promise<Cluster> {
  const isElastic = root.headers['x-elastic-product'] === 'Elasticsearch';
  const answer = await client.ask(
    { method: 'GET', path: '/_nodes/_local', query: { filter_path: 'nodes.*.version' }, allow: [400, 403, 404, 405] },
    signal,
  );
  const nodes = (parse(answer.text) as Nodes | null | undefined)?.nodes;
  const version = Object.values(nodes ?? {})[0]?.version;
  if (typeof version === 'string') return versioned(isElastic ? 'elasticsearch' : 'opensearch', version);
  if (isElastic) return versioned('elasticsearch', undefined);
  if (answer.status === 403 && /security_exception|no permissions/.test(answer.text))
    return versioned('opensearch', undefined);
  throw new LogsError('REMOTE_UNSUITABLE', `${client.url.shown} answers, but is neither Elasticsearch nor OpenSearch`, {
    hint: 'check the port: 9200 is the usual one',
  });
}

function versioned(product: Cluster['product'], version: string | undefined): Cluster {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return {
    product,
    version,
    major: major === undefined ? undefined : Number(major),
    minor: minor === undefined ? undefined : Number(minor),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
