import { isIPv6 } from 'node:net';
import { LogsError } from '../../errors.ts';
import { parseRemoteUrl, type RemoteUrl } from '../../config/remote-url.ts';

/** Settings of `es://` and `opensearch://` addresses, for the connection. */
const CONNECTION_PARAMS = ['api-key', 'ca', 'cert', 'key', 'insecure', 'compression'] as const;
/** And those for writing. */
const WRITE_PARAMS = ['original', 'datastream', 'init', 'conflicts'] as const;

/** Where daily indices begin when the address names nothing: `logs-2026.01.31`. */
export const DEFAULT_BASE = 'logs';

/** An address of Elasticsearch or OpenSearch, with any of our settings. Throws USAGE naming the part at fault. */
export function parseElasticsearchUrl(text: string): RemoteUrl {
  const url = parseRemoteUrl(text, [...CONNECTION_PARAMS, ...WRITE_PARAMS]);
  if (url.scheme === 'kafka') {
    throw new LogsError('USAGE', `${url.shown} is not Elasticsearch or OpenSearch`, {
      hint: 'it begins with es://, es+https://, opensearch:// or opensearch+https://',
    });
  }
  for (const [name, allowed] of CHOICES) choice(url, name, allowed);
  if (url.params.has('api-key') && url.user !== undefined) {
    throw new LogsError('USAGE', `${url.shown} has a user and an api-key`, { hint: 'leave one of them out' });
  }
  if (url.params.has('key') !== url.params.has('cert')) {
    throw new LogsError('USAGE', `${url.shown}: cert and key go together`, {
      hint: 'give both, or neither',
    });
  }
  return url;
}

const SWITCH = ['true', 'false'];
const CHOICES: readonly (readonly [string, readonly string[]])[] = [
  ['insecure', SWITCH],
  ['original', SWITCH],
  ['init', SWITCH],
  ['compression', ['gzip', 'none']],
  ['conflicts', ['reject', 'unindexed']],
];

function choice(url: RemoteUrl, name: string, allowed: readonly string[]): void {
  const value = url.params.get(name);
  if (value === undefined || allowed.includes(value)) return;
  throw new LogsError('USAGE', `${name}=${value} in ${url.shown} means nothing`, {
    hint: `it is one of ${allowed.join(', ')}`,
  });
}

/** Whether a setting that is `true` or `false` is on. */
export function isOn(url: RemoteUrl, name: string, otherwise = false): boolean {
  const value = url.params.get(name);
  return value === undefined ? otherwise : value === 'true';
}

/** The addresses as the client wants them. */
export function nodesOf(url: RemoteUrl): string[] {
  return url.hosts.map(
    ({ host, port }) => `${url.tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`,
  );
}

/** Every host is this machine: nothing is gained by compressing what is sent. */
export function isLoopback(url: RemoteUrl): boolean {
  return url.hosts.every(({ host }) => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host));
}

/**
 * What the path of an address names: the beginning of daily indices. Throws USAGE for what cannot be an index.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create
 */
export function indexBase(url: RemoteUrl): string {
  if (url.path.length > 1) {
    throw new LogsError('USAGE', `${url.shown} names ${url.path.length} things`, {
      hint: 'write es://HOST/NAME: NAME is what the daily indices begin with',
    });
  }
  const base = url.path[0] ?? DEFAULT_BASE;
  if (!isIndexName(base)) {
    throw new LogsError('USAGE', `${JSON.stringify(base)} in ${url.shown} cannot be the name of an index`, {
      hint: 'lower-case letters, digits, - _ and . ; not - _ + or . first',
    });
  }
  return base;
}

export function isIndexName(name: string): boolean {
  return name.length <= 200 && /^[^-_+.\s][^\s\\/*?"<>|,#:]*$/.test(name) && name === name.toLowerCase();
}
