import { LogsError } from '../errors.ts';
import type { SizedBatch } from '../record/batch.ts';
import { Backoff, type BackoffSettings } from './backoff.ts';
import type { DeadLetters } from './dead-letters.ts';
import { eventBytes } from './select-events.ts';
import type { Refusal } from './sink.ts';
import { wait } from './wait.ts';

export interface Burial {
  readonly deadLetters: DeadLetters;
  /** Who refused the events, without secrets. */
  readonly from: string;
  readonly backoff: BackoffSettings;
  /** Hears why the letters cannot be kept now: a full disk is waited for. */
  readonly failed: (reason: string) => void;
}

/** Makes refused events of a batch durable as dead letters. `refused` in ascending order of events. */
export async function bury(
  batch: SizedBatch,
  refused: readonly Refusal[],
  { deadLetters, from, backoff: settings, failed }: Burial,
  signal: AbortSignal,
): Promise<void> {
  const bytes = eventBytes(
    batch,
    refused.map(({ event }) => event),
  );
  const letters = refused.map(({ event, reason }, at) => {
    const origin = batch.origin?.(event);
    return {
      bytes: bytes[at] as Uint8Array,
      context: batch.context,
      id: batch.ids?.[event],
      from,
      reason,
      ...(origin === undefined ? {} : { origin }),
    };
  });
  const backoff = new Backoff(settings);
  for (;;) {
    try {
      return await deadLetters.put(letters);
    } catch (error) {
      if (!(error instanceof LogsError) || !error.canRetry) throw error;
      failed(error.message);
      await wait(backoff.next(), signal);
    }
  }
}
