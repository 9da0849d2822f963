import { setTimeout as sleep } from 'node:timers/promises';
import { LogsError } from '../../../errors.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import type { ReadReport } from '../../../store/store.ts';
import type { EsClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { LENIENT, type View } from './indices.ts';
import { type Found, type Hit, readFound, type SearchRest, silentShards } from './scan.ts';

/** A page is asked for by what so many documents weigh. */
const PAGE_BYTES = 4 << 20;
const FIRST_PAGE = 500;
/** Of likely hits a few turn out to be none. */
const SPARE = 20;
/** `index.max_result_window`. */
const MOST_HITS = 10_000;
const KEEP_ALIVE = '2m';
/** Pauses before an answer that may come later is asked for again. */
const RETRY_MS = [300, 1000, 3000];

export interface PagesPlan {
  readonly view: View;
  readonly query: Dsl;
  readonly order: 'oldest' | 'newest';
  /** So many hits are all that is wanted. */
  readonly limit: number;
  /** So many of the hits are wanted at the least: the first page is not larger. */
  readonly likely: number;
}

/**
 * Hits in the order of (time, log id), page by page. The first page is a plain search; where that is not all, the rest
 * is read from one moment (a point in time), and when the server has lost that, from a new one behind the last hit.
 */
export async function* pages(
  client: EsClient,
  cluster: Cluster,
  plan: PagesPlan,
  report: ReadReport,
  signal: AbortSignal,
): AsyncGenerator<readonly Hit[]> {
  const moment = new Moment(client, cluster, plan.view);
  let size = Math.max(1, Math.min(plan.limit, plan.likely + (plan.limit === plan.likely ? 0 : SPARE), FIRST_PAGE));
  let after: string | undefined;
  let left = plan.limit;
  try {
    for (;;) {
      const body = searchBody(cluster, plan, size, after);
      const { hits, rest, bytes } = await (after === undefined && plan.view.fields.ours
        ? found(client, { path: `${plan.view.path}/_search`, query: { ...LENIENT }, body }, signal)
        : moment.search(body, signal));
      noteDamage(client, rest, report);
      report.scanned += hits.length;
      if (hits.length > 0) yield hits;
      left -= hits.length;
      const last = hits.at(-1);
      if (last === undefined || hits.length < size || left <= 0) return;
      after = last.sort;
      const fitting = Math.floor(PAGE_BYTES / (bytes / hits.length));
      size = Math.max(1, Math.min(MOST_HITS, fitting, size * 4, Math.max(1, left)));
    }
  } finally {
    await moment.close();
  }
}

function searchBody(
  cluster: Cluster,
  { query, order, view }: PagesPlan,
  size: number,
  after: string | undefined,
): string {
  const direction = order === 'oldest' ? 'asc' : 'desc';
  // Some indices of others may count in milliseconds and some in nanoseconds.
  const unit = view.fields.ours ? {} : { numeric_type: 'date_nanos', unmapped_type: 'date' };
  const time = { order: direction, ...unit };
  const id = { order: direction, ...(view.fields.ours ? {} : { unmapped_type: 'keyword' }) };
  // Documents of others need not have a log id: then any order that does not change will do.
  const sort = [{ '@timestamp': time }, { log_id: id }, ...(view.fields.ours ? [] : tieBreak(cluster))];
  const body = JSON.stringify({ size, query, sort, track_total_hits: false });
  return after === undefined ? body : `${body.slice(0, -1)},"search_after":${after}}`;
}

/** `_shard_doc` came to OpenSearch with 3.3; before, the ids of documents can be sorted by, at a price. */
function tieBreak({ product, major = 0, minor = 0 }: Cluster): object[] {
  const isNew = product === 'elasticsearch' || major > 3 || (major === 3 && minor >= 3);
  return isNew ? [{ _shard_doc: 'asc' }] : [{ _id: 'asc' }, { _index: 'asc' }];
}

interface SearchRequest {
  readonly path: string;
  readonly query?: { readonly [name: string]: string | boolean };
  readonly body: string;
}

/** Asks, and asks again where that can help. */
async function found(
  client: EsClient,
  { path, query, body }: SearchRequest,
  signal: AbortSignal,
): Promise<Found & { readonly bytes: number }> {
  const { text } = await patiently(
    () =>
      client.ask({ method: 'POST', path, ...(query === undefined ? {} : { query }), body, timeout: 120_000 }, signal),
    signal,
  );
  return { ...readFound(text, client.url.shown), bytes: text.length };
}

/** Tries again, some seconds long, what fails for reasons that pass. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pause of RETRY_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LogsError) || !error.canRetry) throw error;
      await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  return ask();
}

/** What a search had to leave out. */
export function noteDamage(client: EsClient, rest: SearchRest, report: ReadReport): void {
  const where = client.url.shown;
  if (rest.timed_out === true) report.damage.push({ where, what: 'the search ran out of time: events are missing' });
  const silent = silentShards(rest);
  if (silent === 0) return;
  const { total = 0, failures: [first] = [] } = rest._shards ?? {};
  const why = first?.reason?.reason ?? first?.reason?.type;
  const of = first?.index === undefined ? '' : ` of ${first.index}`;
  report.damage.push({
    where,
    what: `${silent} of ${total} shards did not answer${why === undefined ? '' : `${of}: ${why}`}`,
  });
}

/** Some shard does not know the point in time any more. */
function isLost({ _shards }: SearchRest): boolean {
  return _shards?.failures?.some(({ reason }) => reason?.type === 'search_context_missing_exception') === true;
}

/** A point in time, opened when it is first needed and again when it is gone. */
class Moment {
  readonly #client: EsClient;
  readonly #cluster: Cluster;
  readonly #view: View;
  #id: string | undefined;

  constructor(client: EsClient, cluster: Cluster, view: View) {
    this.#client = client;
    this.#cluster = cluster;
    this.#view = view;
  }

  async search(body: string, signal: AbortSignal): Promise<Found & { readonly bytes: number }> {
    for (let again = false; ; again = true) {
      this.#id ??= await patiently(() => this.#open(signal), signal);
      const pit = JSON.stringify({ id: this.#id, keep_alive: KEEP_ALIVE });
      try {
        const answer = await found(
          this.#client,
          { path: '/_search', body: `${body.slice(0, -1)},"pit":${pit}}` },
          signal,
        );
        if (again || !isLost(answer.rest)) {
          this.#id = answer.rest.pit_id ?? this.#id;
          return answer;
        }
      } catch (error) {
        // It was closed, or a node that held it is gone.
        if (again || !(error instanceof LogsError) || error.code !== 'NOT_FOUND') throw error;
      }
      this.#id = undefined;
    }
  }

  async #open(signal: AbortSignal): Promise<string> {
    const query = { keep_alive: KEEP_ALIVE, ignore_unavailable: true };
    if (this.#cluster.product === 'opensearch') {
      const path = `${this.#view.path}/_search/point_in_time`;
      return (await this.#client.json<{ pit_id: string }>({ method: 'POST', path, query }, signal)).pit_id;
    }
    const path = `${this.#view.path}/_pit`;
    return (await this.#client.json<{ id: string }>({ method: 'POST', path, query }, signal)).id;
  }

  /** Best effort: the server drops it by itself soon after. */
  async close(): Promise<void> {
    if (this.#id === undefined) return;
    const [path, body] =
      this.#cluster.product === 'opensearch'
        ? ['/_search/point_in_time', { pit_id: [this.#id] }]
        : ['/_pit', { id: this.#id }];
    await this.#client.ask({ method: 'DELETE', path, body, timeout: 2000 }).catch(() => undefined);
  }
}
