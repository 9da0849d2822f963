import { setTimeout as sleep } from 'node:timers/promises';
import { LogsError } from '../../../errors.ts';
import type { Filter, QueryClock } from '../../../query/ast.ts';
import type { FieldMap } from '../../../query/dsl-fields.ts';
import { allOf, type Dsl } from '../../../query/dsl-pair.ts';
import { compileDsl } from '../../../query/dsl.ts';
import { compilePredicate, type Predicate } from '../../../query/predicate.ts';
import type { LogRecord } from '../../../record/record.ts';
import { findIndices, viewOf } from './indices.ts';
import { recordOfHit } from './records.ts';
import { type Hit, readFound } from './scan.ts';
import type { Server } from './search.ts';
import { findShards, type Shard } from './shards.ts';
import { mustBeWhole, newestOf, ShardCursor } from './shard-cursor.ts';

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
        if (follower.isBehind) continue;
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
  /** Also of indices that are closed or gone from an alias: when they are back nothing of them comes twice. */
  readonly #cursors = new Map<string, ShardCursor>();
  #shards: readonly Shard[] = [];
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
    this.#shards = shards;
    this.#query = query;
  }

  /** Some shard has more than was taken: there is no reason to wait. */
  get isBehind(): boolean {
    return this.#live().some(({ isBehind }) => isBehind);
  }

  async poll(): Promise<LogRecord[]> {
    const fresh: LogRecord[] = [];
    try {
      if (Date.now() - this.#looked > INDICES_MS) await this.#renew();
      for (const cursor of this.#live()) await this.#take(cursor, fresh);
    } catch (error) {
      // What was taken before counts as given. If the reason lasts, the next turn meets it.
      if (fresh.length === 0) throw error;
    }
    return fresh.sort((a, b) => (a.log_id < b.log_id ? -1 : 1));
  }

  async #take(cursor: ShardCursor, fresh: LogRecord[]): Promise<void> {
    if (!this.#hot.has(cursor.shard.index) && !cursor.isDue(QUIET_MS)) return;
    const ids = await cursor.next(this.#server.client, this.#query as Dsl, this.#signal);
    for (let from = 0; from < ids.length; from += CHUNK) {
      const hits = await this.#read(cursor.shard, ids.slice(from, from + CHUNK));
      for (const hit of hits) {
        const record = recordOfHit(hit);
        if (record !== undefined && this.#matches(record)) fresh.push(record);
      }
      cursor.took(hits.map(({ id }) => id));
    }
  }

  #live(): ShardCursor[] {
    return this.#shards.flatMap(({ key }) => this.#cursors.get(key) ?? []);
  }

  async #renew(): Promise<void> {
    const { shards, query } = await this.#look();
    // All of a new index arrives.
    for (const shard of shards) if (!this.#cursors.has(shard.key)) this.#cursors.set(shard.key, new ShardCursor(shard));
    this.#shards = shards;
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

  async #read({ index, path, only, preference }: Shard, ids: readonly string[]): Promise<readonly Hit[]> {
    const { client } = this.#server;
    const query = allOf([{ ids: { values: ids } }, only]);
    const { text } = await client.ask(
      {
        method: 'POST',
        path,
        query: { preference, ignore_unavailable: true, allow_no_indices: true },
        body: { size: ids.length, query, track_total_hits: false },
      },
      this.#signal,
    );
    const { hits, rest } = readFound(text, client.url.shown);
    mustBeWhole(client, index, rest);
    return hits;
  }
}

/** Fields that are not mapped yet may be with the next event. */
function open(fields: FieldMap): FieldMap {
  return { ...fields, get: (path) => fields.get(path) ?? { hidden: true } };
}
