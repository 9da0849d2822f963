import type { EsClient } from '../client.ts';
import { type Cluster, nameOf } from '../cluster.ts';
import type { WriteTarget } from '../target.ts';
import { findTemplate } from '../template/install.ts';
import type { Words } from '../template/mapping.ts';
import { type IndexSettings, templateName } from '../template/template.ts';
import { findPolicy } from './put-policy.ts';

export interface IndexStatus {
  readonly url: string;
  readonly server: string;
  /** `green`, `yellow` or `red`; unknown where we may not ask. */
  readonly health: string | undefined;
  readonly nodes: number | undefined;
  readonly template: {
    readonly name: string;
    readonly state: string;
    readonly version?: number;
    readonly words?: Words;
    readonly settings?: Partial<IndexSettings>;
  };
  readonly policy: { readonly name: string; readonly state: string; readonly body?: unknown };
  /** Undefined where we may not ask. */
  readonly indices: readonly DayIndex[] | undefined;
  readonly docs: number;
  readonly bytes: number;
}

/** An index of a day, or of a data stream. */
export interface DayIndex {
  readonly index: string;
  readonly health: string;
  readonly docs: number;
  readonly bytes: number;
  readonly shards: number;
  readonly replicas: number;
}

export async function statusOf(
  client: EsClient,
  cluster: Cluster,
  target: WriteTarget,
  signal: AbortSignal,
): Promise<IndexStatus> {
  const name = templateName(target.base);
  const template = await findTemplate(client, target.base, signal);
  const policy = await findPolicy(client, cluster, name, signal);
  const health = await clusterHealth(client, signal);
  const indices = await listIndices(client, target, signal);
  return {
    url: client.url.shown,
    server: nameOf(cluster),
    health: health.status,
    nodes: health.number_of_data_nodes,
    template: {
      name,
      state: template.state,
      ...(template.state === 'ours'
        ? { version: template.mark.version, words: template.mark.words, settings: template.settings }
        : {}),
    },
    policy: { name, state: policy.state, ...(policy.state === 'there' ? { body: policy.body } : {}) },
    indices,
    docs: (indices ?? []).reduce((sum, { docs }) => sum + docs, 0),
    bytes: (indices ?? []).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function clusterHealth(
  client: EsClient,
  signal: AbortSignal,
): Promise<{ readonly status?: string; readonly number_of_data_nodes?: number }> {
  const { status, text } = await client.ask({ method: 'GET', path: '/_cluster/health', allow: [403] }, signal);
  return status === 200 ? (JSON.parse(text) as { status?: string; number_of_data_nodes?: number }) : {};
}

interface CatRow {
  readonly index: string;
  readonly health?: string;
  readonly 'docs.count'?: string | null;
  readonly 'store.size'?: string | null;
  readonly pri?: string;
  readonly rep?: string;
}

async function listIndices(
  client: EsClient,
  { base, dataStream }: WriteTarget,
  signal: AbortSignal,
): Promise<DayIndex[] | undefined> {
  const { status, text } = await client.ask(
    {
      method: 'GET',
      path: `/_cat/indices/${encodeURIComponent(dataStream ? base : `${base}-*`)}`,
      query: { format: 'json', bytes: 'b', s: 'index', h: 'index,health,docs.count,store.size,pri,rep' },
      allow: [403, 404],
    },
    signal,
  );
  if (status === 403) return undefined;
  if (status === 404) return [];
  return (JSON.parse(text) as CatRow[])
    .filter(({ index }) => dataStream || isDayOf(base, index))
    .map((row) => ({
      index: row.index,
      health: row.health ?? 'unknown',
      docs: Number(row['docs.count'] ?? 0),
      bytes: Number(row['store.size'] ?? 0),
      shards: Number(row.pri ?? 0),
      replicas: Number(row.rep ?? 0),
    }));
}

/** Whether an index is one of the daily ones: `logs-2026.01.31` of `logs`, and not `logs-app-2026.01.31`. */
function isDayOf(base: string, index: string): boolean {
  return index.startsWith(`${base}-`) && /^\d{4}\.\d\d\.\d\d$/.test(index.slice(base.length + 1));
}
