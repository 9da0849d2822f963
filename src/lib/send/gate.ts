import { ConsecutiveBreaker } from 'cockatiel';
import { Backoff, type BackoffSettings } from './backoff.ts';
import { Permits } from './permits.ts';
import { wait } from './wait.ts';

/** Failed attempts in a row after which only one at a time is made. */
const BREAK_AFTER = 3;

/** The right to make one attempt, given back with what came of it. */
export interface Passage {
  /** `away`: nothing was taken, and it is not this batch's fault. Milliseconds that the other side asked for. */
  end(outcome: 'well' | 'away', askedMs?: number): void;
  /** The attempt was not made, or says nothing of the other side. */
  leave(): void;
}

/**
 * A circuit breaker before one sink. Closed, everyone passes; after some failures in a row it opens: one batch at a
 * time goes to see whether the sink is back, after a wait that doubles, and the others wait for what it finds.
 * The states are not cockatiel's own policy because that measures by the wall clock: set back by an hour, it would keep
 * a sink shut for as long.
 */
export class Gate {
  readonly #breaker = new ConsecutiveBreaker(BREAK_AFTER);
  readonly #backoff: Backoff;
  readonly #probe = new Permits(1);
  #open = false;
  #delay = 0;

  constructor(settings: BackoffSettings) {
    this.#backoff = new Backoff(settings);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Resolves when an attempt may be made; rejects by the signal. */
  async enter(signal: AbortSignal): Promise<Passage> {
    if (!this.#open) return this.#passage();
    await this.#probe.acquire(signal);
    const release = (): void => this.#probe.release();
    if (!this.#open) {
      release();
      return this.#passage();
    }
    try {
      await wait(this.#delay, signal);
    } catch (error) {
      release();
      throw error;
    }
    return this.#passage(release);
  }

  /** `release` is the probe's: what it finds decides how long the next one waits. */
  #passage(release?: () => void): Passage {
    return {
      end: (outcome, askedMs) => {
        if (outcome === 'well') {
          this.#breaker.success();
          this.#backoff.reset();
          this.#open = false;
        } else if (this.#breaker.failure() && (!this.#open || release !== undefined)) {
          this.#open = true;
          this.#delay = this.#backoff.next(askedMs);
        }
        release?.();
      },
      leave: () => release?.(),
    };
  }
}
