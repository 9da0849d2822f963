import { ExponentialBackoff, fullJitterGenerator, type IBackoff } from 'cockatiel';

export interface BackoffSettings {
  /** Milliseconds that the first wait takes at most; each next one twice that. */
  readonly firstMs: number;
  /** No wait takes longer, unless the other side asks for it. */
  readonly longestMs: number;
}

const LONGEST_ASKED_MS = 5 * 60_000;

/** Milliseconds of what the other side asked to be left alone for: it may ask for hours by mistake. */
export function believed(askedMs = 0): number {
  return Math.min(askedMs, LONGEST_ASKED_MS);
}

/**
 * How long to wait before each next attempt: anything between nothing and a bound that doubles ("full jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that many senders do not come back at once.
 */
export class Backoff {
  readonly #factory: ExponentialBackoff<number>;
  #step: IBackoff<unknown> | undefined;

  constructor({ firstMs, longestMs }: BackoffSettings) {
    this.#factory = new ExponentialBackoff({
      initialDelay: firstMs,
      maxDelay: longestMs,
      generator: fullJitterGenerator,
    });
  }

  /** Milliseconds; not less than what the other side asked for. */
  next(askedMs?: number): number {
    this.#step = this.#step === undefined ? this.#factory.next() : this.#step.next(undefined);
    return Math.max(this.#step.duration, believed(askedMs));
  }

  /** What was waited for is there. */
  reset(): void {
    this.#step = undefined;
  }
}
