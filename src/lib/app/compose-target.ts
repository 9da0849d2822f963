import type { Pipeline, PipelineTarget } from '../config/pipeline.ts';
import { LogsError } from '../errors.ts';
import type { DeadLetters } from '../send/dead-letters.ts';
import { deliver, type DeliverySettings } from '../send/deliver.ts';
import { queuedSink } from '../send/queued-sink.ts';
import { rebatch, type RebatchSettings } from '../send/rebatch.ts';
import type { LogSink, RemoteSink, SinkLimits } from '../send/sink.ts';
import { EventFlow, needsRecords } from './event-flow.ts';
import { type DroppedTally, flowSink } from './flow-sink.ts';
import type { ShipTarget } from './ship.ts';
import { skipKnown } from './skip-known.ts';
import type { TargetParts } from './target-parts.ts';

export interface ComposeOptions {
  readonly parts: TargetParts;
  /** Take events in although a target cannot be reached: they wait in its queue. */
  readonly spool: boolean;
  /** Milliseconds that what was taken in has to arrive, once `signal` has said to stop. */
  readonly graceMs: number;
  readonly tell: (text: string) => void;
  /** Counts what the pipeline leaves out. */
  readonly dropped: DroppedTally;
}

/**
 * What `ship` sends to, put together as a pipeline says: each address on another machine behind retries, a breaker and
 * a disk queue of its own. Throws what is wrong with an address before anything is read.
 */
export async function composeTarget(
  pipeline: Pipeline,
  options: ComposeOptions,
  signal: AbortSignal,
): Promise<ShipTarget> {
  const deadLetters = await options.parts.openDeadLetters(pipeline.deadLetters);
  const composition = new Composition(pipeline, options, deadLetters, signal);
  if (!needsRecords(pipeline)) return composition.target(pipeline.to);
  const { flow, targets } = await composition.flow();
  const claims = targets.find((target) => target.claims !== undefined)?.claims;
  const parts = targets.map(({ sink, claims: keeps }) => ({
    sink: targets.length > 1 && keeps !== undefined ? skipKnown(sink) : sink,
    keepsMarks: keeps !== undefined,
  }));
  return {
    sink: flowSink(flow, parts, options.dropped),
    claims,
    inFlight: Math.max(...targets.map(({ inFlight }) => inFlight ?? 0)) || undefined,
    deadLetters,
  };
}

class Composition {
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

  async flow(): Promise<{ readonly flow: EventFlow; readonly targets: readonly ShipTarget[] }> {
    const flow = new EventFlow(this.pipeline);
    const targets: ShipTarget[] = [];
    try {
      for (const target of flow.targets) targets.push(await this.target(target));
    } catch (error) {
      for (const { sink } of targets) await sink.close().catch(() => undefined);
      throw error;
    }
    return { flow, targets };
  }

  async target(target: PipelineTarget): Promise<ShipTarget> {
    const { parts } = this.options;
    const [url] = target.urls;
    if (url === undefined) throw new LogsError('INTERNAL', 'a target without an address');
    if (!parts.isRemote(url)) return parts.openLocal(url);
    const remote = await this.reach(url);
    const delivered = deliver(remote, { deadLetters: this.deadLetters, tell: this.options.tell }, this.settings());
    return this.behindQueue(target, remote.limits, rebatch(delivered, this.batchFor(remote.limits)));
  }

  /** Opens a sink and asks it whether it can be sent to. */
  private async reach(url: string): Promise<RemoteSink> {
    const { parts, spool, tell } = this.options;
    const sink = await parts.openRemote(url);
    try {
      await sink.check(this.signal);
    } catch (error) {
      if (!spool || !(error instanceof LogsError && error.canRetry)) {
        await sink.close();
        throw error;
      }
      tell(`${error.message}; what is taken in waits in the queue`);
    }
    return sink;
  }

  private async behindQueue(target: PipelineTarget, limits: SinkLimits, delivered: LogSink): Promise<ShipTarget> {
    const { parts, graceMs, tell } = this.options;
    const { deadLetters } = this;
    const { queue: settings } = this.pipeline;
    if (settings === undefined) {
      const inFlight = Math.min(limits.inFlight, this.pipeline.concurrency) * limits.bytes;
      return { sink: delivered, claims: undefined, inFlight, deadLetters };
    }
    const { queue, name, claims } = await parts.openQueue(target, settings);
    return { sink: queuedSink(queue, delivered, { name, stop: this.signal, graceMs, tell }), claims, deadLetters };
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
