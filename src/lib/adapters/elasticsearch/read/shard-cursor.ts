import { LogsError } from '../../../errors.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import { allOf } from '../../../query/dsl-pair.ts';
import type { EsClient } from '../client.ts';
import { type SearchRest, silentShards } from './scan.ts';
import type { Shard } from './shards.ts';

interface Listed extends SearchRest {
  readonly hits?: SearchRest['hits'] & {
    readonly hits?: readonly { readonly _id: string; readonly sort: readonly [number] }[];
  };
}

/** Ids in one answer; with so many new ones a turn ends, and they are given before the next. */
const PAGE = 5000;
/** So often what came lately is listed again; between, only what has a higher number than any. */
const RELIST_MS = 2_000;
/** How much later than a document with a higher number one may be seen: two refreshes, and a long bulk request. */
const SLACK_MS = 10_000;

/**
 * A place in one shard: the number (`_seq_no`) that it gave to each document as it came. Documents can be seen a little
 * out of that order, so what came lately is listed again, and known by its id.
 */
export class ShardCursor {
  readonly shard: Shard;
  /** All that matches up to here was seen. */
  #low: number;
  /** The highest number given. */
  #top: number;
  /** When it became what it was. */
  #marks: { readonly at: number; readonly seq: number }[] = [];
  /** Those above `#low` that were given. */
  readonly #seen = new Map<string, number>();
  #listed = new Map<string, number>();
  #asked = 0;
  #relisted = 0;
  #isBehind = false;

  constructor(shard: Shard, low = -1, seen: ReadonlyMap<string, number> = new Map()) {
    this.shard = shard;
    this.#low = low;
    this.#seen = new Map(seen);
    this.#top = low;
    for (const seq of seen.values()) if (seq > this.#top) this.#top = seq;
    this.#marks.push({ at: Date.now(), seq: this.#top });
  }

  /** There was more the last time than one turn takes. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Something came the last time, or that was so long ago. */
  isDue(pause: number): boolean {
    return this.#listed.size > 0 || Date.now() - this.#asked >= pause;
  }

  /** Ids of documents that were not given yet, the first to come first. */
  async next(client: EsClient, query: Dsl, signal: AbortSignal): Promise<string[]> {
    this.#forget();
    this.#listed = new Map();
    this.#asked = Date.now();
    const isWhole = this.#asked - this.#relisted >= RELIST_MS;
    for (let from = isWhole ? this.#low : this.#top; ; ) {
      const hits = await list(client, this.shard, allOf([query, { range: { _seq_no: { gt: from } } }]), 'asc', signal);
      for (const [id, seq] of hits) if (this.#seen.get(id) !== seq) this.#listed.set(id, seq);
      from = hits.at(-1)?.[1] ?? from;
      this.#isBehind = hits.length === PAGE;
      if (!this.#isBehind || this.#listed.size >= PAGE) break;
    }
    if (isWhole && !this.#isBehind) this.#relisted = this.#asked;
    return [...this.#listed.keys()];
  }

  /** These were given. The others are listed again: another copy of the shard may not show them yet. */
  took(ids: readonly string[]): void {
    let top = this.#top;
    for (const id of ids) {
      const seq = this.#listed.get(id) ?? -1;
      this.#seen.set(id, seq);
      if (seq > top) top = seq;
    }
    if (top > this.#top) this.#marks.push({ at: Date.now(), seq: top });
    this.#top = top;
  }

  #forget(): void {
    const until = Date.now() - SLACK_MS - 2 * this.shard.refresh;
    const settled = this.#marks.filter(({ at }) => at <= until).at(-1);
    if (settled === undefined) return;
    this.#marks = this.#marks.filter(({ at }) => at > until);
    this.#low = Math.max(this.#low, settled.seq);
    for (const [id, seq] of this.#seen) if (seq <= this.#low) this.#seen.delete(id);
  }
}

/** Cursors behind all that can be seen now. */
export async function newestOf(
  client: EsClient,
  shards: readonly Shard[],
  query: Dsl,
  signal: AbortSignal,
): Promise<ShardCursor[]> {
  const cursors: ShardCursor[] = [];
  for (const shard of shards) {
    const newest = await list(client, shard, query, 'desc', signal);
    const low = newest.length < PAGE ? -1 : (newest.at(-1)?.[1] ?? 0) - 1;
    cursors.push(new ShardCursor(shard, low, new Map(newest)));
  }
  return cursors;
}

async function list(
  client: EsClient,
  { index, path, only, preference }: Shard,
  query: Dsl,
  order: 'asc' | 'desc',
  signal: AbortSignal,
): Promise<(readonly [id: string, seq: number])[]> {
  const body = {
    size: PAGE,
    query: allOf([query, only]),
    sort: [{ _seq_no: order }],
    _source: false,
    track_total_hits: false,
  };
  const query_ = { preference, ignore_unavailable: true, allow_no_indices: true };
  const found = await client.json<Listed>({ method: 'POST', path, query: query_, body }, signal);
  mustBeWhole(client, index, found);
  return (found.hits?.hits ?? []).map(({ _id, sort }) => [_id, sort[0]] as const);
}

/** Throws REMOTE_FAILED, to be tried again, where an answer may lack something. */
export function mustBeWhole(client: EsClient, index: string, found: SearchRest): void {
  if (found.timed_out !== true && silentShards(found) === 0) return;
  const why = found._shards?.failures?.[0]?.reason?.reason;
  throw new LogsError(
    'REMOTE_FAILED',
    `${client.url.shown}: a shard of ${index} does not answer${why === undefined ? '' : `: ${why}`}`,
    { hint: 'look into the log of the server' },
  );
}
