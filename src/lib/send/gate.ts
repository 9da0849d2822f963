import { ConsecutiveBreaker } from 'cockatiel';
import { believed } from './backoff.ts';
import { Permits } from './permits.ts';
import { wait } from './wait.ts';

export interface GateSettings {
  /** Failed attempts in a row after which the sink is left alone. */
  readonly failures: number;
  /** Milliseconds that it is left alone for, at least, before each look whether it is back. */
  readonly pauseMs: number;
}

/** The right to make one attempt, given back with what came of it. */
export interface Passage {
  /** `away`: nothing was taken, and it is not this batch's fault. Milliseconds that the other side asked for. */
  end(outcome: 'well' | 'away', askedMs?: number): void;
  /** The attempt was not made, or says nothing of the other side. */
  leave(): void;
}

/**
 * A circuit breaker before one sink. Closed, everyone passes; after some failures in a row it opens: one batch at a
 * time goes, after a pause, to see whether the sink is back, and the others wait for what it finds.
 * The states are not cockatiel's own policy because that measures by the wall clock: set back by an hour, it would keep
 * a sink shut for as long.
 */
export class Gate {
  readonly #breaker: ConsecutiveBreaker;
  readonly #pauseMs: number;
  readonly #probe = new Permits(1);
  #open = false;
  #delay = 0;
  /** Aborted when an attempt that was under way when the gate shut finds the sink well. */
  #shut = new AbortController();

  constructor({ failures, pauseMs }: GateSettings) {
    this.#breaker = new ConsecutiveBreaker(failures);
    this.#pauseMs = pauseMs;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Resolves when an attempt may be made; rejects by the signal. */
  async enter(signal: AbortSignal): Promise<Passage> {
    if (!this.#open) return this.#passage();
    await this.#probe.acquire(signal);
    const release = (): void => this.#probe.release();
    try {
      if (this.#open) await wait(this.#delay, AbortSignal.any([signal, this.#shut.signal]));
    } catch (error) {
      if (signal.aborted) {
        release();
        throw error;
      }
    }
    if (this.#open) return this.#passage(release);
    release();
    return this.#passage();
  }

  /** `release` is the probe's: what it finds decides how long the next one waits. */
  #passage(release?: () => void): Passage {
    return {
      end: (outcome, askedMs) => {
        if (outcome === 'well') {
          this.#breaker.success();
          this.#open = false;
          this.#shut.abort();
        } else if (this.#breaker.failure() && (!this.#open || release !== undefined)) {
          this.#open = true;
          this.#shut = new AbortController();
          // Senders that lost it at the same moment do not come back at the same moment.
          this.#delay = Math.max(this.#pauseMs * (1 + Math.random() / 2), believed(askedMs));
        }
        release?.();
      },
      leave: () => release?.(),
    };
  }
}
