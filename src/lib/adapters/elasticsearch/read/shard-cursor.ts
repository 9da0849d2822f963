import { LogsError } from '../../../errors.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import { allOf } from '../../../query/dsl-pair.ts';
import type { EsClient } from '../client.ts';
import type { SearchRest } from './scan.ts';
import type { Shard } from './shards.ts';

interface Listed extends SearchRest {
  readonly hits?: SearchRest['hits'] & {
    readonly hits?: readonly { readonly _id: string; readonly sort: readonly [number] }[];
  };
}

/** Ids in one answer, and answers in one turn: between turns what was found is given. */
const PAGE = 2000;
const MOST_PAGES = 10;
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
  /** The highest number seen at times in the past. */
  #marks: { readonly at: number; readonly seq: number }[] = [];
  /** Those above `#low` that were given. */
  readonly #seen = new Map<string, number>();
  #listed = new Map<string, number>();
  #asked = 0;

  constructor(shard: Shard, low = -1, seen: ReadonlyMap<string, number> = new Map()) {
    this.shard = shard;
    this.#low = low;
    this.#seen = new Map(seen);
    this.#mark();
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
    let from = this.#low;
    for (let page = 0; page < MOST_PAGES; page++) {
      const hits = await list(client, this.shard, allOf([query, { range: { _seq_no: { gt: from } } }]), 'asc', signal);
      for (const [id, seq] of hits) if (this.#seen.get(id) !== seq) this.#listed.set(id, seq);
      from = hits.at(-1)?.[1] ?? from;
      if (hits.length < PAGE) break;
    }
    return [...this.#listed.keys()];
  }

  /** These were given. */
  took(ids: readonly string[]): void {
    for (const id of ids) this.#seen.set(id, this.#listed.get(id) ?? -1);
    this.#mark();
  }

  #mark(): void {
    const seq = Math.max(this.#low, ...lastOf(this.#seen));
    this.#marks.push({ at: Date.now(), seq });
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

function lastOf(seen: ReadonlyMap<string, number>): number[] {
  let highest = -1;
  for (const seq of seen.values()) if (seq > highest) highest = seq;
  return [highest];
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
  { index, preference }: Shard,
  query: Dsl,
  order: 'asc' | 'desc',
  signal: AbortSignal,
): Promise<(readonly [id: string, seq: number])[]> {
  const body = { size: PAGE, query, sort: [{ _seq_no: order }], _source: false, track_total_hits: false };
  const path = `/${encodeURIComponent(index)}/_search`;
  const query_ = { preference, ignore_unavailable: true, allow_no_indices: true };
  const found = await client.json<Listed>({ method: 'POST', path, query: query_, body }, signal);
  if (found.timed_out === true || (found._shards?.failed ?? 0) > 0) {
    const [first] = found._shards?.failures ?? [];
    throw new LogsError(
      'REMOTE_FAILED',
      `${client.url.shown}: a shard of ${index} does not answer${first?.reason?.reason === undefined ? '' : `: ${first.reason.reason}`}`,
      {
        hint: 'look into the log of the server',
      },
    );
  }
  return (found.hits?.hits ?? []).map(({ _id, sort }) => [_id, sort[0]] as const);
}
