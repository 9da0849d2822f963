import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { eventOfLetter } from './letter-events.ts';
import type { LogSink } from './sink.ts';

/**
 * Dead letters kept by a sink whose events are durable when they are accepted: a store of their own. It is opened with
 * the first letter. A `put` that failed may be repeated with the same letters: those that were kept are not kept twice.
 */
export function keepDeadLetters(openSink: () => Promise<LogSink>): DeadLetters {
  const kept = new WeakSet<DeadLetter>();
  const never = new AbortController().signal;
  let opened: Promise<LogSink> | undefined;
  const open = (): Promise<LogSink> => {
    opened ??= openSink().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    async put(letters) {
      const sink = await open();
      const sent = letters
        .filter((letter) => !kept.has(letter))
        .map(async (letter) => {
          await sink.send(eventOfLetter(letter), never);
          kept.add(letter);
        });
      const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },
    close: async () => (await opened)?.close(),
  };
}
