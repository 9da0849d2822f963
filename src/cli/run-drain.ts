import { type Drained, drain } from '../lib/app/drain.ts';
import { LogsError } from '../lib/errors.ts';
import type { LogSink } from '../lib/send/sink.ts';
import { undelivered } from '../lib/send/queued-sink.ts';
import { openQueueUpkeep } from '../lib/wire/upkeep.ts';
import { talk } from './streams.ts';

export interface DrainRun {
  /** Folder of the queues. */
  readonly root: string;
  /** Where everything is sent; absent: where each queue remembers that it goes. */
  readonly to: string | undefined;
  /** Milliseconds for all of it. */
  readonly timeoutMs: number | undefined;
  /** Opens what delivers to an address, once that can be reached. */
  readonly open: (url: string, signal: AbortSignal) => Promise<LogSink>;
}

export type DrainedQueue = Omit<Drained, 'failed'> & { readonly name: string };

/**
 * Empties queues one after the other, calling `told` after each that could be sent from; one that cannot be stops no
 * other, and a queue with nothing in it asks nothing of its target. Gives what to end with: why the signal was aborted, the first failure, or UNDELIVERED where events are left.
 */
export async function runDrain(
  names: readonly string[],
  { root, to, timeoutMs, open }: DrainRun,
  told: (queue: DrainedQueue) => Promise<void>,
  signal: AbortSignal,
): Promise<LogsError | undefined> {
  const { inspectQueue, openQueue } = await openQueueUpkeep();
  const stop = timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const failures: LogsError[] = [];
  for (const name of names) {
    if (stop.aborted) break;
    try {
      const { events, damage } = await inspectQueue(root, name);
      if (events === 0 && damage.length === 0) {
        await told({ name, sent: 0, refused: 0, left: 0 });
        continue;
      }
      const { queue, target } = await openQueue(root, name, ({ message }) => talk(message));
      let delivered: LogSink;
      try {
        delivered = await open(addressOf(name, to ?? target.url), stop);
      } catch (error) {
        await queue.close();
        throw error;
      }
      const { failed, ...drained } = await drain({ name, queue, delivered }, stop);
      await told({ name, ...drained });
      if (failed !== undefined) failures.push(failed);
      else if (drained.left > 0) failures.push(undelivered(drained.left, name));
    } catch (error) {
      if (stop.aborted && !signal.aborted) failures.push(outOfTime(name));
      else if (error instanceof LogsError) failures.push(error);
      else throw error;
    }
  }
  if (signal.reason instanceof LogsError) return signal.reason;
  const [first, ...others] = failures;
  for (const { message } of others) talk(message);
  return first;
}

function outOfTime(name: string): LogsError {
  return new LogsError('UNDELIVERED', `the time was over before the target of the queue ${name} had answered`, {
    hint: 'nothing is lost; give it more time with --timeout',
  });
}

/** A queue keeps no secrets. */
function addressOf(name: string, url: string): string {
  if (!url.includes('***')) return url;
  throw new LogsError('CONFIG', `the queue ${name} does not know the password of ${url}`, {
    hint: 'give the whole address with --to; written as ${env:NAME}, a password is found again by itself',
  });
}
