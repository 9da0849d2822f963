import { setMaxListeners } from 'node:events';
import { LogsError } from '../errors.ts';
import type { SizedBatch, SourceMark } from '../record/batch.ts';
import type { BatchQueue, QueuedBatch } from './batch-queue.ts';
import type { Delivery, LogSink } from './sink.ts';

export interface QueuedSinkOptions {
  /** Of the queue, as `logs queue drain` takes it. */
  readonly name: string;
  /** Aborted when the program is to end: from then on `close` waits for `graceMs` at most, and leaves the rest in the queue. */
  readonly stop: AbortSignal;
  /** Milliseconds. */
  readonly graceMs: number;
  readonly tell: (text: string) => void;
}

/** Bytes taken out of the queue and not yet delivered: what the target holds of them in memory. */
const MAX_IN_FLIGHT = 16 * 2 ** 20;
/** Batches of one event each are kept in memory with much around them. */
const MOST_IN_FLIGHT = 20_000;
/** A grace that is over before anyone reads of it is not told. */
const SHORT_MS = 1000;

/**
 * A sink that has taken what is durable in a queue, and delivers from there. `delivered.send` MUST resolve only when each
 * event of a batch is accepted or in the dead letters, and reject only when that cannot be had: the first rejection ends
 * the sending, and that of more: nobody would make room for it. `close` waits until the queue is empty; throws
 * UNDELIVERED where events are left in it, or tells of them where it throws something else.
 */
export function queuedSink(queue: BatchQueue, delivered: LogSink, options: QueuedSinkOptions): LogSink {
  const pump = new Pump(queue, delivered);
  const stopped = sinceAborted(options.stop);
  let closing: Promise<void> | undefined;
  return {
    async send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
      pump.throwFailure();
      try {
        await queue.append(batch, pump.whileSending(signal));
      } catch (error) {
        pump.throwFailure();
        throw error;
      }
      return { accepted: batch.events, rejected: [] };
    },
    marks: (): Promise<ReadonlyMap<string, SourceMark>> => queue.marks(),
    close(): Promise<void> {
      closing ??= close(pump, queue, delivered, { ...options, graceLeftMs: () => options.graceMs - stopped() });
      return closing;
    },
  };
}

/** Milliseconds since a signal was aborted. */
function sinceAborted(signal: AbortSignal): () => number {
  let at: number | undefined;
  signal.addEventListener('abort', () => (at = performance.now()), { once: true });
  return () => (at === undefined ? 0 : performance.now() - at);
}

interface CloseOptions extends QueuedSinkOptions {
  /** Milliseconds. */
  readonly graceLeftMs: () => number;
}

async function close(pump: Pump, queue: BatchQueue, delivered: LogSink, options: CloseOptions): Promise<void> {
  const ends = [() => queue.end(), () => lastWait(pump, queue, options), () => delivered.close()];
  const failures: unknown[] = [];
  for (const end of ends) await end().catch((error: unknown) => failures.push(error));
  const { events } = queue.depth();
  await queue.close().catch((error: unknown) => failures.push(error));
  const failed = pump.failed || failures.length > 0;
  const left = events === 0 ? undefined : undelivered(events, options.name);
  // Whoever was interrupted ends with that, and whoever failed with why.
  if (left !== undefined && (failed || options.stop.aborted)) options.tell(`${left.message}; ${left.hint}`);
  pump.throwFailure();
  if (failed) throw failures[0];
  if (left !== undefined) throw left;
}

/** What to say of events that are still in a queue. */
export function undelivered(events: number, name: string): LogsError {
  return new LogsError(
    'UNDELIVERED',
    `${events} ${events === 1 ? 'event is' : 'events are'} still in the queue ${name}`,
    {
      hint: `nothing is lost: \`logs queue drain ${name}\` sends them, and so does whatever is shipped there next`,
    },
  );
}

/** Lets the pump end by itself, or, when the program is to end, only for the grace. */
async function lastWait(pump: Pump, queue: BatchQueue, { stop, graceLeftMs, tell, name }: CloseOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    const { events } = queue.depth();
    const left = graceLeftMs();
    if (events > 0 && left > SHORT_MS)
      tell(
        `${events} events are still in the queue ${name}: delivering for up to ${Math.round(left / 100) / 10} s more`,
      );
    timer = setTimeout(() => pump.stop(), Math.max(0, left));
  };
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true });
  try {
    await pump.ended;
  } finally {
    stop.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}

/** Takes batches out of a queue and sends them, in order, several at once. */
class Pump {
  readonly ended: Promise<void>;
  private readonly delivered: LogSink;
  private readonly stopping = new AbortController();
  private readonly pending = new Set<Promise<void>>();
  private inFlight = 0;
  private wake: () => void = () => undefined;
  private failure: { readonly error: unknown } | undefined;
  private readonly eithers = new WeakMap<AbortSignal, AbortSignal>();

  constructor(queue: BatchQueue, delivered: LogSink) {
    this.delivered = delivered;
    // Every batch under way listens.
    setMaxListeners(0, this.stopping.signal);
    this.ended = this.run(queue);
  }

  stop(): void {
    this.stopping.abort();
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Aborted with the signal, or when nothing is sent any more. */
  whileSending(signal: AbortSignal): AbortSignal {
    let either = this.eithers.get(signal);
    if (either === undefined) {
      either = AbortSignal.any([signal, this.stopping.signal]);
      setMaxListeners(0, either);
      this.eithers.set(signal, either);
    }
    return either;
  }

  /** Does not reject: `throwFailure` has it. */
  private async run(queue: BatchQueue): Promise<void> {
    try {
      for await (const batch of queue.take(this.stopping.signal)) {
        await this.room(batch.bytes.length);
        // What was taken and is not sent stays in the queue.
        if (this.stopping.signal.aborted) break;
        this.begin(batch);
      }
      this.delivered.flush?.();
    } catch (error) {
      this.fail(error);
    }
    await Promise.all(this.pending);
  }

  private async room(bytes: number): Promise<void> {
    while (this.pending.size >= MOST_IN_FLIGHT || (this.pending.size > 0 && this.inFlight + bytes > MAX_IN_FLIGHT)) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private begin(batch: QueuedBatch): void {
    this.inFlight += batch.bytes.length;
    const sent: Promise<void> = this.delivered
      .send(batch, this.stopping.signal)
      .then(() => batch.done())
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.inFlight -= batch.bytes.length;
        this.pending.delete(sent);
        this.wake();
      });
    this.pending.add(sent);
  }

  /** What is sent when the time is over fails because of that. */
  private fail(error: unknown): void {
    if (!this.stopping.signal.aborted) this.failure ??= { error };
    this.stopping.abort();
  }
}
