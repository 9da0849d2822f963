import type { RemoteUrl } from '../../../config/remote-url.ts';
import { LogsError } from '../../../errors.ts';
import type { FieldMap } from '../../../query/dsl-fields.ts';
import { DAY_NS } from '../../../record/time.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { EsClient } from '../client.ts';
import { DEFAULT_BASE } from '../url.ts';
import { fieldMapOf, isOurs, type Mapping } from './field-map.ts';

/** The indices that a read looks into, and how they hold fields. */
export interface View {
  /** None: there is nothing to look into. */
  readonly names: readonly string[];
  /** For requests: `/logs-2026.01.31,logs-2026.02.01`. */
  readonly path: string;
  readonly fields: FieldMap;
  /** By name, those of `names` that are asked by an alias: it may filter, and a login may see them through it only. */
  readonly aliases: ReadonlyMap<string, string>;
}

interface Index {
  readonly name: string;
  readonly alias: string | undefined;
  readonly mapping: Mapping;
}

/** Names in a request's first line, which servers take 4 KiB of. */
const MAX_PATH = 3000;
const DATED = /-(\d{4})\.(\d\d)\.(\d\d)$/;

/** Missing indices are no error: a day without logs has none, and one may be dropped while it is read. */
export const LENIENT = { ignore_unavailable: true, allow_no_indices: true, expand_wildcards: 'open' } as const;

/**
 * What an address asks for: `es://host/logs` our daily indices, the index, alias or data stream of that name; a name
 * with `*` or `,` as it stands. Throws USAGE for more than one part.
 */
function targetOf(url: RemoteUrl): { readonly pattern: string; readonly base: string | undefined } {
  if (url.path.length > 1) {
    throw new LogsError('USAGE', `${url.shown} names ${url.path.length} things`, {
      hint: 'write es://HOST/NAME, es://HOST/NAME-* or es://HOST/ONE,TWO',
    });
  }
  const stream = url.params.get('datastream');
  if (stream !== undefined) return { pattern: stream, base: undefined };
  const name = url.path[0] ?? DEFAULT_BASE;
  return /[*,]/.test(name) ? { pattern: name, base: undefined } : { pattern: `${name},${name}-*`, base: name };
}

/** All the indices that an address means, with their mappings. Throws NOT_FOUND where there is none. */
export async function findIndices(client: EsClient, signal?: AbortSignal): Promise<readonly Index[]> {
  const { pattern, base } = targetOf(client.url);
  const request = { method: 'GET', path: `/${pathOf([pattern])}/_mapping`, query: LENIENT, allow: [404] } as const;
  const found = await client.json<{ [name: string]: { mappings?: Mapping } }>(request, signal);
  const indices = Object.entries(found)
    .filter(([name, { mappings }]) => mappings !== undefined && (base === undefined || belongs(name, base)))
    .map(([name, { mappings = {} }]) => ({
      name,
      alias: isNamed(name, pattern) ? undefined : (base ?? pattern),
      mapping: mappings,
    }));
  if (indices.length > 0) return indices;
  throw new LogsError(
    'NOT_FOUND',
    `${client.url.shown} has no index ${base ?? pattern}${base === undefined ? '' : ` or ${base}-YYYY.MM.DD`}`,
    {
      hint: 'name another one, es://HOST/NAME or es://HOST/NAME-*, or ship logs to it first',
    },
  );
}

/** Whether a pattern means an index by its own name. Those of a data stream are as good as that. */
function isNamed(name: string, pattern: string): boolean {
  if (name.startsWith('.ds-')) return true;
  return pattern.split(',').some((part) => {
    const source = part
      .split('*')
      .map((text) => text.replace(/[^\w-]/g, '\\$&'))
      .join('.*');
    return new RegExp(`^${source}$`, 's').test(name);
  });
}

/** Of what begins as our daily indices do, only those that are: `logs-nginx-default` is another's. */
function belongs(name: string, base: string): boolean {
  return !name.startsWith(`${base}-`) || DATED.test(name.slice(base.length));
}

/** The indices that may hold events of a range. */
export function viewOf(indices: readonly Index[], range: TimeRange): View {
  const asked = indices.filter(({ name, mapping }) => !isOurs(mapping) || isInDay(name, range));
  const aliases = new Map(asked.flatMap(({ name, alias }) => (alias === undefined ? [] : [[name, alias] as const])));
  return {
    names: asked.map(({ name }) => name),
    path: `/${pathOf(fitting([...new Set(asked.map(({ name, alias = name }) => alias))]))}`,
    fields: fieldMapOf(asked.map(({ mapping }) => mapping)),
    aliases,
  };
}

/** Names that fit into a request: of very many days, all of their months or years. What they hold besides is of other times. */
function fitting(names: readonly string[]): readonly string[] {
  const months = [...new Set(names.map((name) => name.replace(DATED, '-$1.$2.*')))];
  const years = [...new Set(names.map((name) => name.replace(DATED, '-$1.*')))];
  return [names, months].find((some) => pathOf(some).length <= MAX_PATH) ?? years;
}

function pathOf(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name).replaceAll('%2C', ',')).join(',');
}

/** Our daily indices hold the events of their day in UTC; of other names nothing is known. */
function isInDay(name: string, { from, to }: TimeRange): boolean {
  const [, year, month, day] = DATED.exec(name) ?? [];
  if (year === undefined) return true;
  const start = BigInt(Date.UTC(Number(year), Number(month) - 1, Number(day))) * 1_000_000n;
  return (from === undefined || from < start + DAY_NS) && (to === undefined || to > start);
}
