import type { EventBatch, LogWriter, SourceMark } from '../../../store/store.ts';

/** One step of upkeep: milliseconds that it may take, and what ends it before. True when there may be more to do. */
export type UpkeepStep = (budget: number, signal: AbortSignal) => Promise<boolean>;

/**
 * A process that has done its work stays for so long, no more: enough to merge what four such leave, where each has just
 * so much that it is sealed when they end. Larger segments wait for one that has time.
 */
export const LEAVING_MS = 2_500;
/** One that has written so many bytes leaves large segments, and few small ones among them: it stays for less. */
const MUCH_BYTES = 64 * 2 ** 20;
const LEAVING_AFTER_MUCH_MS = 800;
/** Nothing came for so long: the process has time. */
const IDLE_MS = 10_000;
/** A step at idle, which ends at once when the process is to leave. */
const IDLE_STEP_MS = 10_000;

/** A writer that keeps its store good beside its work: a step while nothing comes, and one after the last. */
export class UpkeepWriter implements LogWriter {
  readonly #writer: LogWriter;
  readonly #step: UpkeepStep;
  readonly #leaving = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #stepping: Promise<boolean> | undefined;
  #appended = false;
  #wrote = 0;

  constructor(writer: LogWriter, step: UpkeepStep, idleMs = IDLE_MS) {
    this.#writer = writer;
    this.#step = step;
    this.#timer = setInterval(() => this.#lookAround(), idleMs);
    this.#timer.unref();
  }

  get unparsed(): number {
    return this.#writer.unparsed;
  }

  append(batch: EventBatch): Promise<void> {
    this.#appended = true;
    this.#wrote += batch.bytes.length;
    return this.#writer.append(batch);
  }

  marks(): Promise<ReadonlyMap<string, SourceMark>> {
    return this.#writer.marks();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#leaving.abort();
    await this.#stepping;
    await this.#writer.close();
    const budget = this.#wrote < MUCH_BYTES ? LEAVING_MS : LEAVING_AFTER_MUCH_MS;
    if (this.#wrote > 0) await this.#step(budget, new AbortController().signal);
    this.#wrote = 0;
  }

  #lookAround(): void {
    const busy = this.#appended || this.#stepping !== undefined;
    this.#appended = false;
    if (busy) return;
    this.#stepping = this.#step(IDLE_STEP_MS, this.#leaving.signal).finally(() => {
      this.#stepping = undefined;
    });
  }
}
