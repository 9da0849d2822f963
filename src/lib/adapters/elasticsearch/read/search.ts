import type { QueryClock } from '../../../query/ast.ts';
import type { FieldMap } from '../../../query/dsl-fields.ts';
import { allOf, anyOf, type Dsl, not } from '../../../query/dsl-pair.ts';
import { exists } from '../../../query/dsl-text.ts';
import { timeIn } from '../../../query/dsl-time.ts';
import { compileDsl } from '../../../query/dsl.ts';
import { compilePredicate } from '../../../query/predicate.ts';
import type { LogRecord } from '../../../record/record.ts';
import { isInRange } from '../../../store/in-range.ts';
import type { ReadReport, SearchPlan, TimeRange } from '../../../store/store.ts';
import type { EsClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import type { View } from './indices.ts';
import { pages } from './pages.ts';
import { recordOfHit } from './records.ts';

export interface Server {
  readonly client: EsClient;
  readonly cluster: Cluster;
}

/** A millisecond: `date` keeps no less. */
const MS = 1_000_000n;

/**
 * Documents whose time may be in a range. In indices of others the time may be kept in milliseconds only, and in other
 * fields than `@timestamp`.
 */
export function inRange({ from, to }: TimeRange, fields: FieldMap): Dsl {
  const time = fields.get('@timestamp');
  if (fields.ours || (from === undefined && to === undefined))
    return timeIn('@timestamp', [{ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]);
  if (time === undefined || time.hidden === true) return allOf([]);
  const wide = {
    ...(from === undefined ? {} : { from: from - (from % MS) - MS }),
    ...(to === undefined ? {} : { to: to + MS }),
  };
  return anyOf([timeIn('@timestamp', [wide]), not(exists('@timestamp'))]);
}

/** The records of a plan: the server is asked for what may match, and what it is not sure of is looked at here. */
export async function* searchRecords(
  server: Server,
  view: View,
  plan: SearchPlan,
  report: ReadReport,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const { fields } = view;
  const { may, surely } = compileDsl(plan.filter, plan.clock, fields);
  const query = allOf([inRange(plan.range, fields), may]);
  yield* matching(server, view, { ...plan, query, isExact: may === surely && fields.ours }, report, signal);
}

export interface Matching {
  readonly query: Dsl;
  readonly filter: SearchPlan['filter'];
  readonly range: TimeRange;
  readonly clock: QueryClock;
  readonly order: 'oldest' | 'newest';
  readonly limit?: number;
  /** The query is the filter and the range: nothing need be looked at here. */
  readonly isExact: boolean;
}

export async function* matching(
  { client, cluster }: Server,
  view: View,
  plan: Matching,
  report: ReadReport,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const { order, query, isExact } = plan;
  let left = plan.limit ?? Number.POSITIVE_INFINITY;
  if (view.names.length === 0 || left <= 0) return;
  const test = compilePredicate(plan.filter, plan.clock);
  const matches = (record: LogRecord): boolean => isExact || (isInRange(record.ts, plan.range) && test(record));
  // Of what is only likely to match twice as many are asked for: most do.
  const wanted = isExact ? left : Number.POSITIVE_INFINITY;
  const ties = view.fields.ours ? undefined : new Ties(order);
  for await (const hits of pages(
    client,
    cluster,
    { view, query, order, limit: wanted, likely: left },
    report,
    signal,
  )) {
    const found = hits.map(recordOfHit).filter((record) => record !== undefined && matches(record)) as LogRecord[];
    const records = (ties === undefined ? found : ties.add(found)).slice(0, left);
    left -= records.length;
    if (records.length > 0) yield records;
    if (left <= 0) return;
  }
  const rest = (ties?.end() ?? []).slice(0, left);
  if (rest.length > 0) yield rest;
}

/** So many of one time are held to be put in order. */
const MOST_TIES = 100_000;

/** Puts records of one time in the order of their ids, where the server cannot: ids of documents are not sorted by. */
class Ties {
  readonly #sign: 1 | -1;
  #held: LogRecord[] = [];

  constructor(order: 'oldest' | 'newest') {
    this.#sign = order === 'oldest' ? 1 : -1;
  }

  /** Those before the last time seen. */
  add(records: readonly LogRecord[]): LogRecord[] {
    this.#held.push(...records);
    const last = this.#held.at(-1)?.ts;
    if (this.#held.length > MOST_TIES) return this.end();
    const ready = this.#held.filter(({ ts }) => ts !== last);
    this.#held = this.#held.filter(({ ts }) => ts === last);
    return this.#sorted(ready);
  }

  end(): LogRecord[] {
    const rest = this.#sorted(this.#held);
    this.#held = [];
    return rest;
  }

  #sorted(records: LogRecord[]): LogRecord[] {
    const sign = this.#sign;
    return records.sort((a, b) => (a.ts === b.ts ? (a.log_id < b.log_id ? -sign : sign) : a.ts < b.ts ? -sign : sign));
  }
}
