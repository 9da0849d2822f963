import { fractionOf } from '../record/fraction.ts';
import { LEVELS, type Level } from '../record/level.ts';
import type { EventContext } from '../record/record.ts';
import { eachEvent } from '../record/events.ts';
import type { BatchQueue, QueuedBatch, QueueDepth } from './batch-queue.ts';
import { bury } from './bury.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Dropped } from './dropped.ts';
import { lasting } from './lasting.ts';
import { selectEvents } from './select-events.ts';
import type { SizedBatch } from './sink.ts';

export interface QueueBounds {
  /** Bytes of events that are not delivered, at most, unless a single batch has more. */
  readonly bytes: number;
  /** Milliseconds; what has waited longer goes to the dead letters. Undefined: nothing is too old. */
  readonly ageMs: number | undefined;
  /**
   * What happens where there is no room: the sender waits; what comes is left out; what has waited longest is; or, from
   * half of the room on, ever fewer events below WARN are taken, and those from WARN on always.
   */
  readonly whenFull: 'block' | 'drop-newest' | 'drop-oldest' | 'sample';
}

export interface QueueTools {
  /** Of the target, for messages. */
  readonly name: string;
  readonly deadLetters: DeadLetters;
  /** Counts what is left out, as `queue full`. */
  readonly dropped: Dropped;
  readonly levelOf: (event: Uint8Array, context: EventContext) => Level;
  /** Hears when the queue fills up, and when there is room again. */
  readonly tell: (text: string) => void;
}

/** Where nothing else says that there is room, this often it is looked. */
const LOOK_MS = 1000;
/** Share of the room from which on `sample` leaves events out. */
const SAMPLE_FROM = 0.5;
const NEVER = new AbortController().signal;
const REASON = 'queue full';
/** Letters wait so long for a disk that is full. */
const BURY_AGAIN = { firstMs: 100, longestMs: 30_000 };

/** A queue that takes no more than its bounds. */
export function boundedQueue(queue: BatchQueue, bounds: QueueBounds, tools: QueueTools): BatchQueue {
  return new BoundedQueue(queue, bounds, tools);
}

class BoundedQueue implements BatchQueue {
  readonly #queue: BatchQueue;
  readonly #bounds: QueueBounds;
  readonly #tools: QueueTools;
  /** Batches find their room one after the other; they wait for the disk together. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Bytes on their way to the disk. */
  #pending = 0;
  #full = false;
  #wake: () => void = () => undefined;

  constructor(queue: BatchQueue, bounds: QueueBounds, tools: QueueTools) {
    this.#queue = queue;
    this.#bounds = bounds;
    this.#tools = tools;
  }

  async append(batch: SizedBatch, signal: AbortSignal = NEVER): Promise<void> {
    const fitted = this.#turn.then(() => this.#fit(batch, signal));
    this.#turn = fitted.catch(() => undefined);
    const { appended } = await fitted;
    await appended;
  }

  async *take(signal: AbortSignal): AsyncGenerator<QueuedBatch> {
    const { ageMs } = this.#bounds;
    for await (const batch of this.#queue.take(signal)) {
      const own = this.#waking(batch);
      if (ageMs === undefined || Date.now() - batch.queuedAt <= ageMs) yield own;
      else await this.#bury(own, signal);
    }
  }

  async oldest(): Promise<QueuedBatch | undefined> {
    const batch = await this.#queue.oldest();
    return batch === undefined ? undefined : this.#waking(batch);
  }

  depth(): QueueDepth {
    return this.#queue.depth();
  }

  marks(): ReturnType<BatchQueue['marks']> {
    return this.#queue.marks();
  }

  end(): Promise<void> {
    return this.#queue.end();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** Makes room for the batch, or makes it fit, and has it on its way; `appended` resolves when it is durable. */
  async #fit(batch: SizedBatch, signal: AbortSignal): Promise<{ readonly appended: Promise<void> }> {
    const { whenFull } = this.#bounds;
    let rest = whenFull === 'sample' ? this.#sampled(batch) : batch;
    while (rest.events > 0 && !this.#hasRoom(rest)) {
      this.#tellFull();
      if (whenFull === 'drop-newest') rest = this.#without(rest);
      else if (whenFull !== 'drop-oldest' || !(await this.#dropOldest())) await this.#room(signal);
    }
    if (this.#full && this.#used() < this.#bounds.bytes * SAMPLE_FROM) {
      this.#full = false;
      this.#tools.tell(`the queue before ${this.#tools.name} has room again`);
    }
    const { length } = rest.bytes;
    this.#pending += length;
    const appended = this.#queue.append(rest, signal).finally(() => (this.#pending -= length));
    appended.catch(() => undefined);
    return { appended };
  }

  #used(): number {
    return this.#queue.depth().bytes + this.#pending;
  }

  #hasRoom({ bytes }: SizedBatch): boolean {
    const used = this.#used();
    return used === 0 || used + bytes.length <= this.#bounds.bytes;
  }

  #tellFull(): void {
    if (this.#full) return;
    this.#full = true;
    this.#tools.tell(`the queue before ${this.#tools.name} ${WHAT[this.#bounds.whenFull]}`);
  }

  /** Resolves when there may be room; rejects by the signal. */
  #room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        settle();
      };
      const stop = end(() => reject(signal.reason));
      const timer = setTimeout(() => this.#wake(), LOOK_MS);
      this.#wake = end(resolve);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  #waking(batch: QueuedBatch): QueuedBatch {
    return {
      ...batch,
      done: () => {
        batch.done();
        this.#wake();
      },
    };
  }

  /** False where everything that waits is on its way out already. */
  async #dropOldest(): Promise<boolean> {
    const batch = await this.#queue.oldest();
    if (batch === undefined) return false;
    this.#count(batch, () => true);
    batch.done();
    return true;
  }

  /** Nothing of the batch but how far its source was read. */
  #without(batch: SizedBatch): SizedBatch {
    this.#count(batch, () => true);
    return { ...selectEvents(batch, []), ...(batch.source === undefined ? {} : { source: batch.source }) };
  }

  /** What of a batch is taken at the present depth. */
  #sampled(batch: SizedBatch): SizedBatch {
    const share = (1 - this.#used() / this.#bounds.bytes) / (1 - SAMPLE_FROM);
    if (share >= 1) return batch;
    if (!this.#full) this.#tellFull();
    const kept: number[] = [];
    let event = 0;
    this.#count(batch, (bytes, level) => {
      const isKept = LEVELS[level] >= LEVELS.WARN || fractionOf(bytes) < share;
      if (isKept) kept.push(event);
      event += 1;
      return !isKept;
    });
    const part = selectEvents(batch, kept);
    return part === batch || batch.source === undefined ? part : { ...part, source: batch.source };
  }

  #count({ bytes, joins, context }: SizedBatch, isDropped: (event: Uint8Array, level: Level) => boolean): void {
    eachEvent(bytes, joins, (start, end) => {
      const event = bytes.subarray(start, end);
      const level = this.#tools.levelOf(event, context);
      if (isDropped(event, level)) this.#tools.dropped.add(REASON, level);
    });
  }

  async #bury(batch: QueuedBatch, signal: AbortSignal): Promise<void> {
    const { name: from, deadLetters, tell } = this.#tools;
    const reason = `waited too long in the queue: ${lasting(Date.now() - batch.queuedAt)}`;
    const refused = batch.ids.map((_, event) => ({ event, reason }));
    let told = false;
    const failed = (why: string): void => {
      if (!told) tell(why);
      told = true;
    };
    await bury(batch, refused, { deadLetters, from, backoff: BURY_AGAIN, failed }, signal);
    batch.done();
  }
}

const WHAT: { readonly [policy in QueueBounds['whenFull']]: string } = {
  block: 'is full: reading waits',
  'drop-newest': 'is full: new events are left out',
  'drop-oldest': 'is full: the oldest events are left out',
  sample: 'is filling up: events below WARN are sampled',
};
