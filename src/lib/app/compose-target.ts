import type { Pipeline, PipelineTarget } from '../config/pipeline.ts';
import { hideSecrets } from '../config/remote-url.ts';
import { LogsError } from '../errors.ts';
import { parseEvent } from '../parse/parse-event.ts';
import type { EventContext } from '../record/record.ts';
import type { BatchQueue } from '../send/batch-queue.ts';
import { boundedQueue } from '../send/bounded-queue.ts';
import { countLetters } from '../send/counted-letters.ts';
import type { DeadLetters } from '../send/dead-letters.ts';
import { deliver, type DeliverySettings } from '../send/deliver.ts';
import { Dropped } from '../send/dropped.ts';
import { watchLag } from '../send/lag-watch.ts';
import { queuedSink } from '../send/queued-sink.ts';
import { rebatch, type RebatchSettings } from '../send/rebatch.ts';
import { route } from '../send/route.ts';
import type { RemoteSink, SinkLimits } from '../send/sink.ts';
import { allClaims } from './all-claims.ts';
import { EventFlow, needsRecords } from './event-flow.ts';
import { mostInFlight } from './most-in-flight.ts';
import { openAddresses } from './open-addresses.ts';
import { replicated } from './replicated-target.ts';
import type { ShipTarget } from './ship.ts';
import { skipKnown, withOffsets } from './skip-known.ts';
import type { TargetParts } from './target-parts.ts';

export interface ComposeOptions {
  readonly parts: TargetParts;
  /** Begin although a target cannot be reached: events wait in its queue, or where they are read. */
  readonly spool: boolean;
  /** Milliseconds that what was taken in has to arrive, once `signal` has said to stop. */
  readonly graceMs: number;
  readonly tell: (text: string) => void;
}

/** How often it is looked how far consumers are behind. */
const LAG_MS = 5000;

/**
 * What `ship` sends to, put together as a pipeline says: each address on another machine behind retries, a breaker and
 * a disk queue of its own. Throws what is wrong with an address before anything is read.
 */
export async function composeTarget(
  pipeline: Pipeline,
  options: ComposeOptions,
  signal: AbortSignal,
): Promise<ShipTarget> {
  const deadLetters = countLetters(await options.parts.openDeadLetters(pipeline.deadLetters));
  const composition = new Composition(pipeline, options, deadLetters, signal);
  const target = await (needsRecords(pipeline) ? composition.flow() : composition.target(pipeline.to));
  return { ...target, deadLetters, dropped: composition.dropped, left: () => composition.left };
}

class Composition {
  readonly dropped = new Dropped();
  private readonly queues: BatchQueue[] = [];
  private readonly pipeline: Pipeline;
  private readonly options: ComposeOptions;
  private readonly signal: AbortSignal;
  private readonly deadLetters: DeadLetters;

  constructor(pipeline: Pipeline, options: ComposeOptions, deadLetters: DeadLetters, signal: AbortSignal) {
    this.pipeline = pipeline;
    this.options = options;
    this.signal = signal;
    this.deadLetters = deadLetters;
  }

  /** Events in queues. */
  get left(): number {
    return this.queues.reduce((sum, queue) => sum + queue.depth().events, 0);
  }

  /** All targets, with each event sent where the flow says. */
  async flow(): Promise<ShipTarget> {
    const flow = new EventFlow(this.pipeline);
    const targets = await this.all(flow.targets);
    const several = targets.length > 1;
    const sinks = targets.map(({ sink, claims }) => (several && claims !== undefined ? skipKnown(sink) : sink));
    const keepers = sinks.filter((_, at) => targets[at]?.claims !== undefined);
    const way = (event: Uint8Array, context: EventContext): readonly number[] => {
      const record = recordOf(event, context);
      const verdict = flow.take(record);
      if (typeof verdict !== 'string') return verdict;
      this.dropped.add(verdict, record.level);
      return [];
    };
    const sink = route(sinks, way, keepers);
    const unwatch = this.watchLag(flow);
    return {
      sink: {
        ...sink,
        send: (batch, stop) => sink.send(several ? withOffsets(batch) : batch, stop),
        close: () => sink.close().finally(unwatch),
      },
      claims: allClaims(targets),
      inFlight: mostInFlight(targets),
    };
  }

  /** `stop` ends its waiting for what is in its queue. */
  async target(target: PipelineTarget, stop = this.signal): Promise<ShipTarget> {
    const { parts, tell } = this.options;
    const [url, ...others] = target.urls;
    if (url === undefined) throw new LogsError('INTERNAL', 'a target without an address');
    if (others.length === 0 && !parts.isRemote(url)) return parts.openLocal(url);
    if (others.length > 0 && target.mode === 'replicate') {
      const urls = target.urls.map((each): PipelineTarget => ({ urls: [each], mode: 'failover', copies: 1 }));
      const enough = new AbortController();
      const targets = await this.all(urls, AbortSignal.any([stop, enough.signal]));
      return replicated(
        targets.map((each, at) => ({ ...each, name: hideSecrets(target.urls[at] ?? '') })),
        target.copies,
        { tell, enough: () => enough.abort() },
      );
    }
    return this.remote(target, await this.checked(await openAddresses(target.urls, parts, tell)), stop);
  }

  /** Opens targets in turn; where one fails, those before it are closed. */
  private async all(targets: readonly PipelineTarget[], stop = this.signal): Promise<ShipTarget[]> {
    const opened: ShipTarget[] = [];
    try {
      for (const target of targets) opened.push(await this.target(target, stop));
    } catch (error) {
      for (const { sink } of opened) await sink.close().catch(() => undefined);
      throw error;
    }
    return opened;
  }

  /** Asks a sink whether it can be sent to. */
  private async checked(sink: RemoteSink): Promise<RemoteSink> {
    const { spool, tell } = this.options;
    try {
      await sink.check(this.signal);
    } catch (error) {
      const waits = spool && error instanceof LogsError && error.canRetry;
      if (!waits) {
        await sink.close().catch(() => undefined);
        throw error;
      }
      tell(
        `${error.message}; ${this.pipeline.queue === undefined ? 'trying again' : 'what is taken in waits in the queue'}`,
      );
    }
    return sink;
  }

  /** A sink on another machine, delivered to from a queue. */
  private async remote(target: PipelineTarget, sink: RemoteSink, stop: AbortSignal): Promise<ShipTarget> {
    const { parts, graceMs, tell } = this.options;
    const { deadLetters, dropped } = this;
    const { queue: settings, concurrency } = this.pipeline;
    const { limits, name: to } = sink;
    const delivered = rebatch(deliver(sink, { deadLetters, tell }, this.settings()), this.batchFor(limits));
    if (settings === undefined) {
      return { sink: delivered, claims: undefined, inFlight: Math.min(limits.inFlight, concurrency) * limits.bytes };
    }
    const { queue, name, claims } = await parts.openQueue(target, settings).catch(async (error: unknown) => {
      await sink.close().catch(() => undefined);
      throw error;
    });
    this.queues.push(queue);
    const levelOf = (event: Uint8Array, context: EventContext) => recordOf(event, context).level;
    const bounds = { bytes: settings.bytes, ageMs: settings.age, whenFull: settings.whenFull };
    const bounded = boundedQueue(queue, bounds, { name: to, deadLetters, dropped, levelOf, tell });
    return { sink: queuedSink(bounded, delivered, { name, stop, graceMs, tell }), claims };
  }

  private watchLag(flow: EventFlow): () => void {
    const { whenLagAbove } = this.pipeline.sample;
    const { parts, tell } = this.options;
    if (whenLagAbove === undefined) return () => undefined;
    const { events, group } = whenLagAbove;
    const address = lagAddress(this.pipeline, (url) => parts.isTopic(url));
    return watchLag({
      lag: () => parts.consumerLag(address, group),
      threshold: events,
      everyMs: LAG_MS,
      changed: (lagging) => {
        flow.lagging = lagging;
      },
      tell,
    });
  }

  private batchFor(limits: SinkLimits): RebatchSettings {
    const { events, bytes, after } = this.pipeline.batch;
    return { events: Math.min(events, limits.events), bytes: Math.min(bytes, limits.bytes), afterMs: after };
  }

  private settings(): DeliverySettings {
    const { retry, breaker, concurrency } = this.pipeline;
    return {
      firstMs: retry.first,
      longestMs: retry.most,
      attempts: retry.attempts ?? Number.POSITIVE_INFINITY,
      inFlight: concurrency,
      breaker: { failures: breaker.failures, pauseMs: breaker.pause },
    };
  }
}

function recordOf(event: Uint8Array, context: EventContext) {
  return parseEvent(event, context, BigInt(Date.now()) * 1_000_000n, '');
}

/** The topics whose consumers are meant: those that are sent to, else those that are read. */
function lagAddress({ to, routes, from }: Pipeline, isTopic: (url: string) => boolean): string {
  const address = [...to.urls, ...routes.flatMap((each) => each.to.urls), ...from].find(isTopic);
  if (address !== undefined) return address;
  throw new LogsError(
    'USAGE',
    'sampling by the lag of consumers needs a topic: nothing is read from one or sent to one',
    {
      hint: 'leave out --lag-above, or ship to kafka://HOST/TOPIC',
    },
  );
}
