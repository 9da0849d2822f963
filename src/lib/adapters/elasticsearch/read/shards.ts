import { type Dsl, EVERY } from '../../../query/dsl-pair.ts';
import type { EsClient } from '../client.ts';
import { LENIENT, type View } from './indices.ts';

/** One shard of an index. */
export interface Shard {
  readonly index: string;
  /** Names it for ever: an index that is made again under its name is another. */
  readonly key: string;
  /** For a request: the index, or the alias that it is seen through, and then `only` its documents. */
  readonly path: string;
  readonly only: Dsl;
  /** This shard alone. */
  readonly preference: string;
  /** Milliseconds until what was written can be searched. */
  readonly refresh: number;
}

/** Where an index has no interval of its own, or none at all, and is refreshed by hand. */
const DEFAULT_REFRESH = 1000;
const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The shards of the indices of a view. */
export async function findShards(client: EsClient, view: View, signal: AbortSignal): Promise<readonly Shard[]> {
  const names = 'index.uuid,index.number_of_shards,index.refresh_interval';
  const query = { ...LENIENT, flat_settings: true };
  const found = await client.json<{ [name: string]: { settings?: { [name: string]: string } } }>(
    { method: 'GET', path: `${view.path}/_settings/${names}`, query },
    signal,
  );
  const wanted = new Set(view.names);
  return Object.entries(found).flatMap(([index, { settings = {} }]) => {
    if (!wanted.has(index)) return [];
    const count = Number(settings['index.number_of_shards'] ?? 1);
    const refresh = millisecondsOf(settings['index.refresh_interval']);
    const uuid = settings['index.uuid'] ?? index;
    const alias = view.aliases.get(index);
    return Array.from({ length: count }, (_, n) => ({
      index,
      key: `${uuid}/${n}`,
      path: `/${encodeURIComponent(alias ?? index)}/_search`,
      only: alias === undefined ? EVERY : { term: { _index: index } },
      preference: `_shards:${n}`,
      refresh,
    }));
  });
}

function millisecondsOf(text: string | undefined): number {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text ?? '') ?? [];
  return amount === undefined ? DEFAULT_REFRESH : Number(amount) * (UNITS[unit] ?? 1000);
}
