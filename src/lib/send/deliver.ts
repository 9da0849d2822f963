import { LogsError } from '../errors.ts';
import type { SizedBatch } from '../record/batch.ts';
import { Backoff, type BackoffSettings } from './backoff.ts';
import { bury } from './bury.ts';
import { Concurrency } from './concurrency.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Gate, type GateSettings } from './gate.ts';
import { createMint } from './mint-ids.ts';
import { OutageTalk } from './outage-talk.ts';
import { Permits } from './permits.ts';
import { selectEvents } from './select-events.ts';
import type { Delivery, LogSink, Refusal, RemoteSink } from './sink.ts';
import { wait } from './wait.ts';

export interface DeliverySettings extends BackoffSettings {
  /** Times that an event is sent before it goes to the dead letters; Infinity to go on for ever. */
  readonly attempts: number;
  /** Attempts under way at once, at the most; never more than the sink takes. */
  readonly inFlight: number;
  readonly breaker: GateSettings;
}

export interface DeliveryTools {
  readonly deadLetters: DeadLetters;
  /** Hears once that the sink fails, once that it is back, and of the first event that it refused. */
  readonly tell: (text: string) => void;
}

export const DELIVERY_SETTINGS: DeliverySettings = {
  firstMs: 100,
  longestMs: 30_000,
  attempts: Number.POSITIVE_INFINITY,
  inFlight: 16,
  breaker: { failures: 5, pauseMs: 10_000 },
};

/** Part of a batch that was given to `send`, and which of its events each of the part's is. */
interface Part {
  readonly batch: SizedBatch;
  readonly number: (event: number) => number;
}

/**
 * Delivery to a sink that may be away, busy, or refuse single events. `send` resolves only when every event of the
 * batch is accepted or in the dead letters; these are its `rejected`. It rejects by the signal, or with what can never
 * be mended, and then so does every later call: nothing of the batch counts as delivered. A sink that takes one batch
 * at a time gets them strictly in the order of calls, retries included.
 */
export function deliver(
  sink: RemoteSink,
  tools: DeliveryTools,
  settings: DeliverySettings = DELIVERY_SETTINGS,
): LogSink {
  const deliverer = new Deliverer(sink, tools, settings);
  return {
    send: (batch, signal) => deliverer.send(batch, signal),
    marks: () => sink.marks(),
    close: () => deliverer.close(),
    ...(sink.unparsed === undefined ? {} : { unparsed: () => sink.unparsed?.() ?? 0 }),
  };
}

class Deliverer {
  readonly #sink: RemoteSink;
  readonly #deadLetters: DeadLetters;
  readonly #tell: (text: string) => void;
  readonly #settings: DeliverySettings;
  readonly #mint = createMint();
  /** Where the order of calls counts: one batch at a time, until all of it is done. */
  readonly #lane: Permits;
  readonly #gate: Gate;
  readonly #concurrency: Concurrency;
  readonly #talk: OutageTalk;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Bytes of the smallest batch of several events that was too large: none like it is sent whole again. */
  #tooLarge = Number.POSITIVE_INFINITY;
  #toldOfRefusal = false;
  #failed: { readonly error: unknown } | undefined;

  constructor(sink: RemoteSink, { deadLetters, tell }: DeliveryTools, settings: DeliverySettings) {
    const inFlight = Math.min(sink.limits.inFlight, settings.inFlight);
    this.#sink = sink;
    this.#deadLetters = deadLetters;
    this.#tell = tell;
    this.#settings = settings;
    this.#lane = new Permits(inFlight === 1 ? 1 : Number.POSITIVE_INFINITY);
    this.#gate = new Gate(settings.breaker);
    this.#concurrency = new Concurrency(inFlight);
    this.#talk = new OutageTalk(sink.name, tell);
  }

  send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    const sent = this.#send(batch, signal);
    const over: Promise<void> = sent.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(over);
    void over.then(() => this.#underWay.delete(over));
    return sent;
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.#sink.close();
  }

  async #send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    this.#talk.waiting += batch.events;
    try {
      await this.#lane.acquire(signal);
      try {
        if (this.#failed !== undefined) throw this.#failed.error;
        const rejected: Refusal[] = [];
        await this.#deliver({ batch: this.#mint(batch), number: (event) => event }, rejected, signal);
        return { accepted: batch.events - rejected.length, rejected };
      } catch (error) {
        if (!signal.aborted) this.#failed ??= { error };
        throw error;
      } finally {
        this.#lane.release();
      }
    } finally {
      this.#talk.waiting -= batch.events;
    }
  }

  /** Until every event of the part is accepted or in the dead letters; those are added to `rejected`. */
  async #deliver(part: Part, rejected: Refusal[], signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(this.#settings);
    let rest = part;
    for (let attempt = 1; rest.batch.events > 0; attempt += 1) {
      const { events, bytes } = rest.batch;
      if (events > 1 && bytes.length >= this.#tooLarge) return this.#deliverHalves(rest, rejected, signal);
      const answer = await this.#attempt(rest.batch, attempt > 1, signal);
      let reason: string;
      let askedMs: number | undefined;
      if (answer instanceof LogsError) {
        if (answer.code === 'TOO_LARGE' && events > 1) {
          this.#tooLarge = Math.min(this.#tooLarge, bytes.length);
          return this.#deliverHalves(rest, rejected, signal);
        }
        if (answer.code === 'TOO_LARGE') return this.#bury(rest, [refusal(0, answer.message)], rejected, signal);
        if (!answer.canRetry) throw answer;
        reason = answer.message;
        askedMs = answer.retryAfterMs;
        this.#talk.failed(reason);
      } else {
        const { retry = [] } = answer;
        checkSum(answer, events, this.#sink.name);
        await this.#bury(rest, answer.rejected, rejected, signal);
        reason = retry[0]?.reason ?? '';
        if (retry.length === events) this.#talk.failed(reason);
        else {
          this.#talk.succeeded();
          backoff.reset();
        }
        rest = narrowed(
          rest,
          retry.map(({ event }) => event).sort((a, b) => a - b),
        );
      }
      if (rest.batch.events === 0) return;
      if (attempt >= this.#settings.attempts) {
        const reasons = Array.from({ length: rest.batch.events }, (_, event) =>
          refusal(event, `given up after ${attempt} attempts: ${reason}`),
        );
        return this.#bury(rest, reasons, rejected, signal);
      }
      // Where the gate is shut, it is what waits.
      if (!this.#gate.isOpen) await wait(backoff.next(askedMs), signal);
    }
  }

  async #deliverHalves(part: Part, rejected: Refusal[], signal: AbortSignal): Promise<void> {
    const { events } = part.batch;
    const half = Math.ceil(events / 2);
    const numbers = Array.from({ length: events }, (_, event) => event);
    await this.#deliver(narrowed(part, numbers.slice(0, half)), rejected, signal);
    await this.#deliver(narrowed(part, numbers.slice(half)), rejected, signal);
  }

  /** What the sink said of the batch; an error that is none of the batch's is thrown. */
  async #attempt(batch: SizedBatch, again: boolean, signal: AbortSignal): Promise<Delivery | LogsError> {
    const passage = await this.#gate.enter(signal);
    try {
      await this.#concurrency.acquire(signal, again);
    } catch (error) {
      passage.leave();
      throw error;
    }
    const began = performance.now();
    try {
      const delivery = await this.#sink.send(batch, signal);
      this.#concurrency.end({ tookMs: performance.now() - began, busy: (delivery.retry?.length ?? 0) > 0 });
      passage.end(delivery.retry?.length === batch.events ? 'away' : 'well');
      return delivery;
    } catch (error) {
      if (signal.aborted || !(error instanceof LogsError)) {
        this.#concurrency.leave();
        passage.leave();
        throw signal.aborted ? signal.reason : error;
      }
      this.#concurrency.end({ busy: error.canRetry });
      passage.end(error.canRetry ? 'away' : 'well', error.retryAfterMs);
      return error;
    }
  }

  /** Makes refused events durable as dead letters; waits for a full disk to have room. */
  async #bury(part: Part, refused: readonly Refusal[], rejected: Refusal[], signal: AbortSignal): Promise<void> {
    if (refused.length === 0) return;
    const { batch, number } = part;
    const sorted = [...refused].sort((a, b) => a.event - b.event);
    const burial = {
      deadLetters: this.#deadLetters,
      from: this.#sink.name,
      backoff: this.#settings,
      failed: (reason: string) => this.#talk.failed(reason),
    };
    await bury(batch, sorted, burial, signal);
    for (const { event, reason } of sorted) rejected.push(refusal(number(event), reason));
    if (this.#toldOfRefusal) return;
    this.#toldOfRefusal = true;
    const { reason } = sorted[0] as Refusal;
    this.#tell(`${this.#sink.name} refused an event: ${reason}; what it refuses is in the dead letters (logs dlq ls)`);
  }
}

function narrowed({ batch, number }: Part, events: readonly number[]): Part {
  return { batch: selectEvents(batch, events), number: (event) => number(events[event] as number) };
}

function refusal(event: number, reason: string): Refusal {
  return { event, reason };
}

/** An event that a sink says nothing of would be lost without a word. */
function checkSum({ accepted, rejected, retry = [] }: Delivery, events: number, name: string): void {
  const told = accepted + rejected.length + retry.length;
  if (told === events) return;
  throw new LogsError('INTERNAL', `${name} answered for ${told} of ${events} events`, {
    hint: 'nothing of them counts as delivered; ship again',
  });
}
