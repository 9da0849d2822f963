import { Permits } from './permits.ts';

/** Weight of the newest round in the mean of all before. */
const ALPHA = 0.4;
/** Standard deviations above the mean from which on a round counts as slow. */
const SLOW = 2.5;
const DECREASE = 0.9;

/** What an attempt says of the other side. */
export interface Attempted {
  /** Milliseconds until it was answered; absent where it was not taken, for then it says nothing of its speed. */
  readonly tookMs?: number;
  /** It said that it has too much to do. */
  readonly busy: boolean;
}

/**
 * How many attempts may be under way at once, found by additive increase and multiplicative decrease on the time that
 * answers take and on those that say "too much": https://github.com/vectordotdev/vector/blob/master/rfcs/2020-04-06-1858-automatically-adjust-request-limits.md.
 * Once in a mean answer's time the limit grows by one, if it was reached and answers took no longer than before, or
 * shrinks by a tenth, at least by one. A largest of 1 stays 1.
 */
export class Concurrency {
  readonly #largest: number;
  readonly #permits = new Permits(1);
  #mean: number | undefined;
  #variance = 0;
  #sum = 0;
  #count = 0;
  #busy = false;
  #reached = false;
  #decideAt = 0;

  constructor(largest: number) {
    this.#largest = largest;
  }

  get limit(): number {
    return this.#permits.limit;
  }

  /** Resolves when one more attempt may be made; `end` or `leave` must follow. */
  async acquire(signal: AbortSignal, first: boolean): Promise<void> {
    await this.#permits.acquire(signal, first);
    if (this.#permits.taken >= this.#permits.limit) this.#reached = true;
  }

  leave(): void {
    this.#permits.release();
  }

  end({ tookMs, busy }: Attempted): void {
    this.#busy ||= busy;
    if (tookMs !== undefined) {
      this.#sum += tookMs;
      this.#count += 1;
    }
    this.#decide(performance.now());
    this.#permits.release();
  }

  #decide(now: number): void {
    // Rounded: a mean of equal times must be equal to them.
    const current = this.#count === 0 ? undefined : Math.round((this.#sum / this.#count) * 1000) / 1000;
    if (this.#mean === undefined) {
      if (current === undefined) return;
      this.#mean = current;
      this.#decideAt = now + current;
      return;
    }
    if (now < this.#decideAt) return;
    this.#permits.limit = this.#next(this.#mean, current);
    if (current !== undefined) this.#learn(this.#mean, current);
    this.#decideAt = now + this.#mean;
    this.#sum = 0;
    this.#count = 0;
    this.#busy = false;
    this.#reached = false;
  }

  #next(mean: number, current: number | undefined): number {
    const { limit } = this.#permits;
    const slow = current !== undefined && current >= mean + SLOW * Math.sqrt(this.#variance);
    if (limit < this.#largest && this.#reached && !this.#busy && current !== undefined && current <= mean) {
      return limit + 1;
    }
    return this.#busy || slow ? Math.max(1, Math.floor(limit * DECREASE)) : limit;
  }

  /** Mean and variance with exponential weights (Finch, Incremental calculation of weighted mean and variance, 2009). */
  #learn(mean: number, current: number): void {
    const difference = current - mean;
    const increment = ALPHA * difference;
    this.#mean = mean + increment;
    this.#variance = (1 - ALPHA) * (this.#variance + difference * increment);
  }
}
