import { setTimeout as realWait } from 'node:timers/promises';
import { vi } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import type { DeadLetter, DeadLetters } from '../../../src/lib/send/dead-letters.ts';
import { eventBytes } from '../../../src/lib/send/select-events.ts';
import { wait } from '../../../src/lib/send/wait.ts';
import type { Delivery, RemoteSink, SinkLimits, SizedBatch } from '../../../src/lib/send/sink.ts';

/** The texts of a batch's events. */
export function textsOf(batch: SizedBatch): string[] {
  const all = Array.from({ length: batch.events }, (_, event) => event);
  return eventBytes(batch, all).map((bytes) => Buffer.from(bytes).toString());
}

export interface ScriptedSink extends RemoteSink {
  /** Calls, in order. */
  readonly calls: SizedBatch[];
  /** Texts of the events accepted, in order. */
  readonly accepted: string[];
  closed: boolean;
}

/** What a sink answers: the numbers of events refused and to be sent again, or an error. */
export interface Answer {
  readonly rejected?: readonly number[];
  readonly retry?: readonly number[];
  readonly error?: Error;
  readonly afterMs?: number;
}

/** A sink that answers as told, call by call. */
export function scriptedSink(
  answer: (batch: SizedBatch, call: number) => Answer,
  limits: Partial<SinkLimits> = {},
  name = 'fake://sink',
): ScriptedSink {
  const sink: ScriptedSink = {
    name,
    limits: { events: 1000, bytes: 1_000_000, inFlight: 1, ...limits },
    calls: [],
    accepted: [],
    closed: false,
    async send(batch, signal): Promise<Delivery> {
      sink.calls.push(batch);
      const { rejected = [], retry = [], error, afterMs = 1 } = answer(batch, sink.calls.length);
      await wait(afterMs, signal);
      if (error !== undefined) throw error;
      const left = new Set([...rejected, ...retry]);
      sink.accepted.push(...textsOf(batch).filter((_, event) => !left.has(event)));
      return {
        accepted: batch.events - left.size,
        rejected: rejected.map((event) => ({ event, reason: 'it is bad' })),
        ...(retry.length === 0 ? {} : { retry: retry.map((event) => ({ event, reason: 'it is busy' })) }),
      };
    },
    marks: async () => new Map(),
    check: async () => undefined,
    close: async () => {
      sink.closed = true;
    },
  };
  return sink;
}

/** Dead letters in memory. */
export function keptLetters(): DeadLetters & { readonly letters: DeadLetter[] } {
  const letters: DeadLetter[] = [];
  return { letters, put: async (more) => void letters.push(...more), close: async () => undefined };
}

export function away(): LogsError {
  return new LogsError('UNREACHABLE', 'fake://sink does not answer: connection refused');
}

/** Runs timers as fast as they can be, until the promise is settled. */
export async function untilSettled<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const end = (): void => void (settled = true);
  promise.then(end, end);
  while (!settled) {
    await vi.advanceTimersByTimeAsync(5);
    if (vi.getTimerCount() === 0 && !settled) await realTurn();
  }
  return promise;
}

async function realTurn(): Promise<void> {
  await realWait(0);
}
