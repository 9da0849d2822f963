import { LogsError } from '../../../errors.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import { allOf, not } from '../../../query/dsl-pair.ts';
import { type FieldValue, RawNumber } from '../../../record/record.ts';
import type { ReadReport } from '../../../store/store.ts';
import { INEXACT, TYPED } from '../document/names.ts';
import { LENIENT, type View } from './indices.ts';
import { noteDamage, patiently } from './pages.ts';
import type { SearchRest } from './scan.ts';
import type { Server } from './search.ts';
import type { Source } from './sources.ts';

/** Documents that have the same values in the sources of a plan. */
export interface Group {
  readonly events: number;
  /** One for each source, in order; undefined where there is none. Times are ns. */
  readonly values: readonly (FieldValue | bigint | undefined)[];
}

interface Composite {
  readonly after_key?: unknown;
  readonly buckets: readonly {
    readonly key: { readonly [name: string]: string | number | null };
    readonly doc_count: number;
  }[];
}

export interface Asked {
  readonly server: Server;
  readonly view: View;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
}

/** Groups in one answer: below the server's own limit (`search.max_buckets`). */
const PAGE = 10_000;
/** The server goes through all documents for each answer: beyond this the events are read faster. */
const MOST_GROUPS = 60_000;

/** The groups of what matches a query. Undefined where they are too many. */
export async function groupsOf(asked: Asked, query: Dsl, sources: readonly Source[]): Promise<Group[] | undefined> {
  const groups: Group[] = [];
  for (const part of await partsOf(asked, query, sources)) {
    let after: unknown;
    do {
      const rest = await search(asked, { query: part.query, ...requestOf(sources, after) });
      if (sources.length === 0) return [{ events: rest.hits?.total?.value ?? 0, values: [] }];
      const { buckets, after_key } = aggregation(asked, rest, 'groups') as Composite;
      for (const { key, doc_count } of buckets) {
        const values = sources.map((source, at) => valueOf(key[`k${at}`] ?? null, source, part.texts.has(at)));
        groups.push({ events: doc_count, values });
      }
      if (groups.length > MOST_GROUPS) return undefined;
      after = buckets.length < PAGE ? undefined : after_key;
    } while (after !== undefined);
  }
  return groups;
}

function requestOf(sources: readonly Source[], after: unknown): object {
  if (sources.length === 0) return { size: 0, track_total_hits: true };
  const composite = {
    size: PAGE,
    sources: sources.map((source, at) => ({ [`k${at}`]: keyOf(source) })),
    ...(after === undefined ? {} : { after }),
  };
  return { size: 0, track_total_hits: false, aggs: { groups: { composite } } };
}

function keyOf(source: Source): object {
  if (source.kind === 'time') {
    return { date_histogram: { field: '@timestamp', fixed_interval: `${source.step}ms` } };
  }
  return { terms: { field: source.path, missing_bucket: true } };
}

/**
 * The query in parts in each of which a typed field has, where it reads as a number, either only numbers or only texts;
 * `texts`: the places of sources that have texts there.
 */
async function partsOf(
  asked: Asked,
  query: Dsl,
  sources: readonly Source[],
): Promise<readonly { readonly query: Dsl; readonly texts: ReadonlySet<number> }[]> {
  const typed = sources.flatMap((source, at) => (source.kind === 'typed' ? [{ at, mark: markOf(source.field) }] : []));
  if (typed.length === 0) return [{ query, texts: new Set() }];
  const aggs = Object.fromEntries(typed.map(({ at, mark }) => [`t${at}`, { filter: mark }]));
  const rest = await search(asked, { query, size: 0, track_total_hits: false, aggs });
  let parts = [{ query, texts: new Set<number>() }];
  for (const { at, mark } of typed) {
    if ((aggregation(asked, rest, `t${at}`) as { readonly doc_count: number }).doc_count === 0) continue;
    parts = parts.flatMap((part) => [
      { query: allOf([part.query, mark]), texts: new Set([...part.texts, at]) },
      { query: allOf([part.query, not(mark)]), texts: part.texts },
    ]);
  }
  return parts;
}

function markOf(field: string): Dsl {
  return { term: { [INEXACT]: `${TYPED}${field}` } };
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function valueOf(key: string | number | null, source: Source, isText: boolean): FieldValue | bigint | undefined {
  if (key === null) return undefined;
  if (source.kind === 'time') return BigInt(key) * 1_000_000n;
  if (source.kind !== 'typed' || isText || typeof key === 'number') return key;
  if (key === 'true' || key === 'false') return key === 'true';
  if (!JSON_NUMBER.test(key)) return key;
  const number = Number(key);
  return String(number) === key ? number : new RawNumber(key);
}

async function search({ server, view, report, signal }: Asked, body: object): Promise<SearchRest> {
  const request = {
    method: 'POST',
    path: `${view.path}/_search`,
    query: { ...LENIENT },
    body,
    timeout: 300_000,
  } as const;
  const rest = await patiently(() => server.client.json<SearchRest>(request, signal), signal);
  noteDamage(server.client, rest, report);
  return rest;
}

function aggregation({ server }: Asked, { aggregations }: SearchRest, name: string): unknown {
  const found = aggregations?.[name];
  if (found !== undefined) return found;
  throw new LogsError('REMOTE_UNSUITABLE', `${server.client.url.shown} answers without the statistics asked for`, {
    hint: 'is it Elasticsearch or OpenSearch, and nothing in between?',
  });
}
