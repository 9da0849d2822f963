import type { Pipeline, PipelineTarget, Shares } from '../config/pipeline.ts';
import { parseFilter } from '../query/parse.ts';
import { compilePredicate, type Predicate } from '../query/predicate.ts';
import { fractionOf } from '../record/fraction.ts';
import type { Level } from '../record/level.ts';
import type { LogRecord } from '../record/record.ts';

/** What a pipeline says of one event. */
export interface Judgement {
  /** Share of such events that goes on, from 0 to 1. */
  readonly share: number;
  /** Where they go, as places in `targets`; ascending, none twice. */
  readonly targets: readonly number[];
  /** Why none of them goes on. */
  readonly dropped?: 'drop' | 'sample';
}

/** What becomes of one event: where it goes, or why it goes nowhere. */
export type Verdict = readonly number[] | 'drop' | 'sample';

type Rules = Pick<Pipeline, 'drop' | 'sample' | 'routes' | 'to'>;

/** Whether events have to be read before it is known where they go: without drop, sample and routes all go to `to`. */
export function needsRecords({ drop, sample, routes }: Rules): boolean {
  const shares = [sample.keep, sample.whenLagAbove?.keep ?? {}].flatMap((keep) => Object.values(keep));
  return drop !== undefined || routes.length > 0 || shares.some((share) => share < 1);
}

/**
 * The way of events through a pipeline: first what is dropped, then what is sampled away, then the routes in order.
 * @throws LogsError QUERY_SYNTAX for a filter that was not checked before
 */
export class EventFlow {
  /** Each once, however many routes lead there; that of the pipeline is the last. */
  readonly targets: readonly PipelineTarget[];
  /** Whether consumers are further behind than `sample.when-lag-above` allows. */
  lagging = false;
  private readonly drop: Predicate | undefined;
  private readonly keep: Shares;
  private readonly keepLagging: Shares;
  private readonly routes: readonly { readonly match: Predicate; readonly target: number; readonly last: boolean }[];
  private readonly rest: number;
  /** By level, how much of an event is kept already: at 1, a whole one is. */
  private readonly kept = new Map<Level, number>();

  constructor({ drop, sample, routes, to }: Rules) {
    // A file means the same on every machine.
    const clock = { now: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' };
    const targets = new Map<string, PipelineTarget>();
    for (const target of [...routes.map((route) => route.to), to]) {
      // The last of the same keeps its place behind the others.
      targets.delete(JSON.stringify(target));
      targets.set(JSON.stringify(target), target);
    }
    const keys = [...targets.keys()];
    const test = (query: string) => compilePredicate(parseFilter(query), clock);
    this.targets = [...targets.values()];
    this.drop = drop === undefined ? undefined : test(drop);
    this.keep = sample.keep;
    this.keepLagging = sample.whenLagAbove?.keep ?? {};
    this.routes = routes.map((route) => ({
      match: test(route.match),
      target: keys.indexOf(JSON.stringify(route.to)),
      last: !route.continue,
    }));
    this.rest = keys.length - 1;
  }

  /** What is said of all events like this one. */
  judge(record: LogRecord): Judgement {
    if (this.drop?.(record)) return { share: 0, targets: [], dropped: 'drop' };
    const share = this.shareOf(record.level);
    return share === 0 ? { share, targets: [], dropped: 'sample' } : { share, targets: this.routesOf(record) };
  }

  /** What becomes of this event. Of a level that is sampled the first is kept, then evenly as many as its share says. */
  take(record: LogRecord): Verdict {
    if (this.drop?.(record)) return 'drop';
    const share = this.shareOf(record.level);
    return share < 1 && !this.isKept(record, share) ? 'sample' : this.routesOf(record);
  }

  private shareOf(level: Level): number {
    const share = this.keep[level] ?? 1;
    return this.lagging ? Math.min(share, this.keepLagging[level] ?? 1) : share;
  }

  private isKept({ level, trace_id }: LogRecord, share: number): boolean {
    // Every process keeps the same traces, and each of them whole.
    if (trace_id !== undefined) return fractionOf(trace_id) < share;
    if (share === 0) return false;
    const sum = (this.kept.get(level) ?? 1 - share) + share;
    // Ten times 0.1 is a little less than 1.
    const isWhole = sum > 1 - 1e-9;
    this.kept.set(level, isWhole ? sum - 1 : sum);
    return isWhole;
  }

  private routesOf(record: LogRecord): readonly number[] {
    const found: number[] = [];
    for (const { match, target, last } of this.routes) {
      if (!match(record)) continue;
      if (!found.includes(target)) found.push(target);
      if (last) return found.sort((a, b) => a - b);
    }
    if (!found.includes(this.rest)) found.push(this.rest);
    return found.sort((a, b) => a - b);
  }
}
