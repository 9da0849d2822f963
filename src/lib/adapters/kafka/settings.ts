import { readFileSync } from 'node:fs';
import { LogsError, systemReason } from '../../errors.ts';
import { parseRemoteUrl, type RemoteUrl } from '../../config/remote-url.ts';
import { parseDuration } from '../../query/duration.ts';
import { nearest } from '../../query/nearest.ts';

/** Every setting of a `kafka://` address; docs/kafka.md has a line for each. */
const KAFKA_PARAMS = [
  'acks',
  'ca',
  'cert',
  'client-id',
  'compression',
  'create',
  'format',
  'group',
  'insecure',
  'key',
  'partitions',
  'registry',
  'replication',
  'retention',
  'sasl',
  'tls-key',
] as const;
type Param = (typeof KAFKA_PARAMS)[number];

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const SASL = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** What is written of each event: its bytes as received, our JSON record, or our Avro record. */
const FORMATS = ['bytes', 'json', 'avro'] as const;

/** How topics are made. */
export interface TopicShape {
  /** Absent: what the cluster is set to. */
  readonly partitions?: number;
  readonly replication?: number;
  readonly retentionMs?: number;
}

/** An address with its settings, each checked. */
export interface KafkaSettings {
  /** The address without secrets. */
  readonly name: string;
  /** `host:port` of the brokers asked first. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls:
    | undefined
    | { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly rejectUnauthorized: boolean };
  readonly sasl:
    | undefined
    | { readonly mechanism: (typeof SASL)[number]; readonly username: string; readonly password: string };
  /** Names and patterns with `*`, as they stand in the path. */
  readonly topics: readonly string[];
  readonly group: string;
  readonly acks: 'all' | '1';
  readonly compression: Compression;
  readonly format: (typeof FORMATS)[number];
  readonly registry: string | undefined;
  /** A field of the events, or `none`: events are spread over all partitions. */
  readonly key: string;
  readonly create: boolean;
  readonly shape: TopicShape;
}

/**
 * What an address says, with the defaults for what it leaves open.
 * @throws LogsError USAGE for what is no address and a value that is none, NOT_READABLE for a file of a key or certificate that is not there
 */
export function kafkaSettings(address: string): KafkaSettings {
  const url = parseRemoteUrl(address, KAFKA_PARAMS);
  if (url.path.length > 1) {
    throw new LogsError('USAGE', `${url.shown} has more than one path`, {
      hint: 'topics stand behind one slash, with commas between them: kafka://host/a,b',
    });
  }
  const format = oneOf(url, 'format', FORMATS, 'bytes');
  const registry = url.params.get('registry');
  if (format === 'avro' && registry === undefined) {
    throw new LogsError('USAGE', `${url.shown} has format=avro but no registry`, {
      hint: 'add registry=http://host:8081, the address of the Schema Registry',
    });
  }
  if (registry !== undefined && !URL.canParse(registry))
    throw wrong(url, 'registry', 'an address like http://host:8081');
  return {
    name: url.shown,
    brokers: url.hosts.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    clientId: url.params.get('client-id') ?? 'logs',
    tls: tlsOf(url),
    sasl: saslOf(url),
    topics: topicsOf(url),
    group: named(url, 'group') ?? 'logs',
    acks: oneOf(url, 'acks', ['all', '1'], 'all'),
    compression: oneOf(url, 'compression', COMPRESSIONS, 'lz4'),
    format,
    registry,
    key: named(url, 'key') ?? 'service',
    create: flag(url, 'create'),
    shape: shapeOf(url),
  };
}

function topicsOf(url: RemoteUrl): string[] {
  const names = (url.path[0] ?? '').split(',').filter((name) => name !== '');
  for (const name of names) {
    // The names that Kafka allows, and `*` for a pattern.
    if (!/^[\w.*-]{1,249}$/.test(name) || name === '.' || name === '..') {
      throw new LogsError('USAGE', `${JSON.stringify(name)} in ${url.shown} is no name of a topic`, {
        hint: 'names have letters, digits, dot, dash and underscore, at most 249; * stands for any of them',
      });
    }
  }
  return [...new Set(names)];
}

function tlsOf(url: RemoteUrl): KafkaSettings['tls'] {
  const files = (['ca', 'cert', 'tls-key', 'insecure'] as const).filter((name) => url.params.has(name));
  if (!url.tls) {
    if (files.length === 0) return undefined;
    throw new LogsError('USAGE', `${files[0]} in ${url.shown} is for TLS`, { hint: 'write kafka+tls://' });
  }
  const [ca, cert, key] = [fileOf(url, 'ca'), fileOf(url, 'cert'), fileOf(url, 'tls-key')];
  if ((cert === undefined) !== (key === undefined)) {
    throw new LogsError('USAGE', `cert and tls-key in ${url.shown} go together`, { hint: 'give both or neither' });
  }
  return {
    rejectUnauthorized: !flag(url, 'insecure'),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

function saslOf(url: RemoteUrl): KafkaSettings['sasl'] {
  const { user, password } = url;
  if (user === undefined) {
    if (!url.params.has('sasl')) return undefined;
    throw new LogsError('USAGE', `${url.shown} has sasl but no user`, { hint: 'write kafka://user:password@host' });
  }
  if (password === undefined) {
    throw new LogsError('USAGE', `${url.shown} has a user but no password`, {
      hint: `write kafka://${user}:\${env:KAFKA_PASSWORD}@host`,
    });
  }
  return { mechanism: oneOf(url, 'sasl', SASL, 'plain'), username: user, password };
}

function shapeOf(url: RemoteUrl): TopicShape {
  const partitions = count(url, 'partitions', 100_000);
  const replication = count(url, 'replication', 32_767);
  const retention = url.params.get('retention');
  return {
    ...(partitions === undefined ? {} : { partitions }),
    ...(replication === undefined ? {} : { replication }),
    ...(retention === undefined ? {} : { retentionMs: retentionOf(retention) }),
  };
}

/** Milliseconds that a duration means; -1 for `all`: nothing is dropped. */
function retentionOf(text: string): number {
  return text === 'all' ? -1 : Number(parseDuration(text) / 1_000_000n);
}

function fileOf(url: RemoteUrl, name: Param): string | undefined {
  const path = url.params.get(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LogsError('NOT_READABLE', `cannot read ${path}, the ${name} of ${url.shown}: ${systemReason(error)}`, {
      cause: error,
    });
  }
}

function flag(url: RemoteUrl, name: Param): boolean {
  return oneOf(url, name, ['true', 'false'], 'false') === 'true';
}

function named(url: RemoteUrl, name: Param): string | undefined {
  const value = url.params.get(name);
  if (value === '') throw wrong(url, name, 'a name');
  return value;
}

function count(url: RemoteUrl, name: Param, most: number): number | undefined {
  const text = url.params.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) throw wrong(url, name, `a number from 1 to ${most}`);
  return value;
}

function oneOf<T extends string>(url: RemoteUrl, name: Param, values: readonly T[], otherwise: T): T {
  const text = url.params.get(name);
  if (text === undefined) return otherwise;
  const found = values.find((value) => value === text.toLowerCase());
  if (found !== undefined) return found;
  const meant = nearest(text, values);
  throw wrong(url, name, values.join(', '), meant === undefined ? undefined : `did you mean ${meant}?`);
}

function wrong(url: RemoteUrl, name: Param, expected: string, hint?: string): LogsError {
  return new LogsError('USAGE', `${name}=${url.params.get(name)} in ${url.shown} is not right: it takes ${expected}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
