import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { deliver, DELIVERY_SETTINGS } from '../../../src/lib/send/deliver.ts';
import type { Delivery, RemoteSink } from '../../../src/lib/send/sink.ts';
import { wait } from '../../../src/lib/send/wait.ts';
import { batchOf } from '../../contracts/sink.ts';
import { keptLetters } from './scripted-sink.ts';

/**
 * The simulated servers that Vector's adaptive request concurrency was tuned with, as data
 * (github.com/vectordotdev/vector, tests/data/adaptive-concurrency), on a clock that jumps.
 */
interface Profile {
  readonly requests: number;
  /** Milliseconds between requests; absent: all at once. */
  readonly interval?: number;
  /** Milliseconds that an answer takes where one request is under way. */
  readonly delay: number;
  /** Mean of what is added at random, as a share of the delay. */
  readonly jitter?: number;
  /** Added to the delay for each further request under way, as a share of it. */
  readonly scale?: number;
  /** From so many requests on the delay grows by powers of `kneeExp`. */
  readonly kneeStart?: number;
  readonly kneeExp?: number;
  /** With more requests under way, or more in a second, what happens. */
  readonly limit?: number;
  readonly rate?: number;
  readonly action?: 'defer' | 'drop';
  readonly largest?: number;
  /** Attempts that fail, after so many that did not. */
  readonly failures?: { readonly after: number; readonly count: number };
  readonly expected: {
    readonly inFlightMax?: readonly [number, number];
    readonly inFlightMean?: readonly [number, number];
    /** Requests answered well in a second. */
    readonly rateMean?: readonly [number, number];
  };
}

const TIMEOUT = 1000;

const PROFILES: { readonly [name: string]: Profile } = {
  'constant-link': { requests: 500, delay: 100, expected: { inFlightMax: [30, 32], inFlightMean: [15, 17] } },
  'defers-at-high-concurrency': {
    requests: 500,
    delay: 100,
    limit: 5,
    action: 'defer',
    expected: { inFlightMax: [5, 13], inFlightMean: [2.4, 6], rateMean: [20, 44] },
  },
  'defers-at-high-rate': {
    requests: 1000,
    delay: 100,
    rate: 100,
    action: 'defer',
    expected: { inFlightMax: [12, 24], inFlightMean: [6, 11], rateMean: [31, 90] },
  },
  'drops-at-high-concurrency': {
    requests: 500,
    delay: 100,
    limit: 5,
    action: 'drop',
    expected: { inFlightMax: [5, 6], inFlightMean: [1.2, 4], rateMean: [15, 50] },
  },
  'fixed-concurrency-simple': {
    requests: 500,
    delay: 100,
    largest: 10,
    expected: { inFlightMax: [10, 10], inFlightMean: [8, 10], rateMean: [80, 95] },
  },
  'fixed-concurrency-jitter': {
    requests: 500,
    delay: 100,
    jitter: 0.5,
    largest: 10,
    expected: { inFlightMax: [8, 10], inFlightMean: [4, 10], rateMean: [30, 70] },
  },
  'jittery-link-small': {
    requests: 1000,
    delay: 100,
    jitter: 0.1,
    expected: { inFlightMax: [15, 40], inFlightMean: [8, 20], rateMean: [70, 150] },
  },
  'medium-send': {
    requests: 500,
    interval: 25,
    delay: 100,
    expected: { inFlightMax: [5, 8], inFlightMean: [3.9, 4.5] },
  },
  'shallow-knee': {
    requests: 1000,
    delay: 100,
    kneeStart: 10,
    kneeExp: 1.1,
    expected: { inFlightMax: [11, 13], inFlightMean: [9, 11.5], rateMean: [82, 95] },
  },
  'slow-link': { requests: 200, delay: 100, scale: 1, expected: { inFlightMax: [2, 7], inFlightMean: [1.5, 5] } },
  'slow-send-1': {
    requests: 100,
    interval: 100,
    delay: 50,
    expected: { inFlightMax: [1, 1], inFlightMean: [0.49, 0.55] },
  },
  'slow-send-2': {
    requests: 100,
    interval: 50,
    delay: 50,
    expected: { inFlightMax: [1, 2], inFlightMean: [0.95, 1.2] },
  },
  'retried-request': {
    requests: 100,
    delay: 100,
    failures: { after: 20, count: 5 },
    expected: { inFlightMax: [5, 16], rateMean: [10, 60] },
  },
};

/** As Vector's simulated server has it. */
function delayOf({ delay, scale = 0, kneeStart, kneeExp = 1, jitter = 0 }: Profile, level: number): number {
  const knee = kneeStart === undefined ? 0 : kneeExp ** Math.max(0, level - kneeStart) - 1;
  return delay * (1 + (level - 1) * scale + knee - jitter * Math.log(1 - Math.random()));
}

/** What was measured on the server's side. */
class Server {
  inFlight = 0;
  max = 0;
  answered = 0;
  private attempts = 0;
  private area = 0;
  private changed = performance.now();
  private second: number[] = [];
  private readonly profile: Profile;

  constructor(profile: Profile) {
    this.profile = profile;
  }

  /** Requests under way on average until now. */
  mean(began: number): number {
    this.enter(0);
    return this.area / (performance.now() - began);
  }

  async answer(signal: AbortSignal): Promise<Delivery> {
    const { limit = Number.POSITIVE_INFINITY, rate = Number.POSITIVE_INFINITY, action, failures } = this.profile;
    this.enter(1);
    const now = performance.now();
    this.second = [...this.second.filter((at) => at > now - 1000), now];
    const number = (this.attempts += 1);
    const over = this.inFlight > limit || this.second.length > rate;
    if (over && action === 'drop') {
      this.enter(-1);
      await wait(TIMEOUT, signal);
      throw new LogsError('REMOTE_FAILED', 'no answer');
    }
    try {
      await wait(delayOf(this.profile, this.inFlight), signal);
      if (over) throw new LogsError('REMOTE_BUSY', 'too many');
      if (failures !== undefined && number > failures.after && number <= failures.after + failures.count)
        throw new LogsError('REMOTE_FAILED', 'failed');
    } finally {
      this.enter(-1);
    }
    this.answered += 1;
    return { accepted: 1, rejected: [] };
  }

  private enter(change: number): void {
    const now = performance.now();
    this.area += this.inFlight * (now - this.changed);
    this.changed = now;
    this.inFlight += change;
    this.max = Math.max(this.max, this.inFlight);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('as many requests at once as a server bears', () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    it(name, async () => {
      seedRandom();
      const { requests, interval = 0, largest = 200, expected } = profile;
      const server = new Server(profile);
      const sink: RemoteSink = {
        name,
        limits: { events: 1, bytes: 1, inFlight: largest },
        send: (_, signal) => server.answer(signal),
        check: async () => undefined,
        marks: async () => new Map(),
        close: async () => undefined,
      };
      const tools = { deadLetters: keptLetters(), tell: () => undefined };
      // The breaker is for outages; here it is the number of requests that has to find its way.
      const breaker = { failures: Number.POSITIVE_INFINITY, pauseMs: 0 };
      const delivery = deliver(sink, tools, { ...DELIVERY_SETTINGS, inFlight: largest, breaker });
      const signal = new AbortController().signal;
      setMaxListeners(0, signal);
      const began = performance.now();
      const sent: Promise<Delivery>[] = [];
      for (let n = 0; n < requests; n += 1) {
        sent.push(delivery.send(batchOf([`${n}`]), signal));
        if (interval > 0) await vi.advanceTimersByTimeAsync(interval);
      }
      while (server.answered < requests) await vi.advanceTimersByTimeAsync(10);
      const deliveries = await Promise.all(sent);
      expect(deliveries.every(({ accepted }) => accepted === 1)).toBe(true);
      const measured = {
        inFlightMax: server.max,
        inFlightMean: server.mean(began),
        rateMean: requests / ((performance.now() - began) / 1000),
      };
      for (const [what, [least, most]] of Object.entries(expected)) {
        const value = measured[what as keyof typeof measured];
        expect(value, what).toBeGreaterThanOrEqual(least);
        expect(value, what).toBeLessThanOrEqual(most);
      }
    });
  }
});

/** The same numbers in every run (mulberry32). */
function seedRandom(): void {
  let state = 1;
  vi.spyOn(Math, 'random').mockImplementation(() => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}
