import { setTimeout as sleep } from 'node:timers/promises';
import { LogsError } from '../../../errors.ts';
import type { Filter, QueryClock } from '../../../query/ast.ts';
import type { FieldMap } from '../../../query/dsl-fields.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import { compileDsl } from '../../../query/dsl.ts';
import { compilePredicate, type Predicate } from '../../../query/predicate.ts';
import type { LogRecord } from '../../../record/record.ts';
import { findIndices, viewOf } from './indices.ts';
import { recordOfHit } from './records.ts';
import { readFound } from './scan.ts';
import type { Server } from './search.ts';
import { findShards, type Shard } from './shards.ts';
import { newestOf, ShardCursor } from './shard-cursor.ts';

export interface Followed {
  readonly filter: Filter;
  readonly clock: QueryClock;
}

export interface FollowContext {
  /** Hears when the server is away and when it is back: nothing is lost by it. */
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 500;
/** Indices come with the day and mappings with new fields. */
const INDICES_MS = 5_000;
/** Indices that are looked at each time: the last by name are those of today. Others are when they had something, or now and then. */
const HOT = 3;
const QUIET_MS = 5_000;
/** Between tries while the server is away. */
const AWAY_MS = 2_000;
/** Documents asked for by their ids at once. */
const CHUNK = 1000;

/**
 * Each event that can be searched after the call, once, by the order in which its shard took it in: whenever it was
 * received, and whoever wrote it. Goes on over what passes; ends only by the signal, or by what does not pass.
 */
export function followIndices(
  server: Server,
  plan: Followed,
  context: FollowContext,
): AsyncIterable<readonly LogRecord[]> {
  const follower = new Follower(server, plan, context.signal);
  // The positions are those of the call, not of the first `next`.
  const started = follower.start();
  started.catch(() => undefined);
  return records();

  async function* records(): AsyncGenerator<readonly LogRecord[]> {
    const { signal, tell } = context;
    let isAway = false;
    let ready = started;
    while (!signal.aborted) {
      try {
        await ready;
        const fresh = await follower.poll();
        if (isAway) tell(`${server.client.url.shown} answers again: nothing was missed`);
        isAway = false;
        if (fresh.length > 0) yield fresh;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof LogsError) || !(error.canRetry || (isAway && error.code === 'NOT_FOUND'))) throw error;
        if (!isAway) tell(`${error.message}; going on when it answers`);
        isAway = true;
        if (!follower.isStarted) ready = follower.start();
        await sleep(AWAY_MS, undefined, { signal }).catch(() => undefined);
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

class Follower {
  readonly #server: Server;
  readonly #plan: Followed;
  readonly #signal: AbortSignal;
  readonly #matches: Predicate;
  readonly #cursors = new Map<string, ShardCursor>();
  #query: Dsl | undefined;
  #hot: ReadonlySet<string> = new Set();
  #looked = 0;

  constructor(server: Server, plan: Followed, signal: AbortSignal) {
    this.#server = server;
    this.#plan = plan;
    this.#signal = signal;
    this.#matches = compilePredicate(plan.filter, plan.clock);
  }

  get isStarted(): boolean {
    return this.#query !== undefined;
  }

  /** What can be searched now does not arrive any more. */
  async start(): Promise<void> {
    const { shards, query } = await this.#look();
    const cursors = await newestOf(this.#server.client, shards, query, this.#signal);
    for (const cursor of cursors) this.#cursors.set(cursor.shard.key, cursor);
    this.#query = query;
  }

  async poll(): Promise<LogRecord[]> {
    if (Date.now() - this.#looked > INDICES_MS) await this.#renew();
    const fresh: LogRecord[] = [];
    for (const cursor of this.#cursors.values()) {
      if (!this.#hot.has(cursor.shard.index) && !cursor.isDue(QUIET_MS)) continue;
      const ids = await cursor.next(this.#server.client, this.#query as Dsl, this.#signal);
      for (let from = 0; from < ids.length; from += CHUNK) {
        const chunk = ids.slice(from, from + CHUNK);
        const found = await this.#read(cursor.shard, chunk);
        fresh.push(...found.filter(this.#matches));
        cursor.took(chunk);
      }
    }
    return fresh.sort((a, b) => (a.log_id < b.log_id ? -1 : 1));
  }

  async #renew(): Promise<void> {
    const { shards, query } = await this.#look();
    const keys = new Set(shards.map(({ key }) => key));
    for (const key of this.#cursors.keys()) if (!keys.has(key)) this.#cursors.delete(key);
    // All of a new index arrives.
    for (const shard of shards) if (!this.#cursors.has(shard.key)) this.#cursors.set(shard.key, new ShardCursor(shard));
    this.#query = query;
  }

  async #look(): Promise<{ readonly shards: readonly Shard[]; readonly query: Dsl }> {
    const { client } = this.#server;
    const view = viewOf(await findIndices(client, this.#signal), {});
    const shards = await findShards(client, view, this.#signal);
    this.#looked = Date.now();
    this.#hot = new Set([...view.names].sort().slice(-HOT));
    const { may } = compileDsl(this.#plan.filter, this.#plan.clock, open(view.fields));
    return { shards, query: may };
  }

  async #read({ index, preference }: Shard, ids: readonly string[]): Promise<LogRecord[]> {
    const { text } = await this.#server.client.ask(
      {
        method: 'POST',
        path: `/${encodeURIComponent(index)}/_search`,
        query: { preference },
        body: { size: ids.length, query: { ids: { values: ids } }, track_total_hits: false },
      },
      this.#signal,
    );
    return readFound(text)
      .hits.map(recordOfHit)
      .filter((record) => record !== undefined);
  }
}

/** Fields that are not mapped yet may be with the next event. */
function open(fields: FieldMap): FieldMap {
  return { ...fields, get: (path) => fields.get(path) ?? { hidden: true } };
}
