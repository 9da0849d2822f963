import { LogsError } from '../errors.ts';
import type { SizedBatch, SourceMark } from '../record/batch.ts';
import type { BatchSource, Unreadable } from '../read/batch-source.ts';
import type { DeadLetters } from '../send/dead-letters.ts';

interface StreamOptions {
  /** How far the sink has it already. */
  readonly marks: ReadonlyMap<string, SourceMark>;
  readonly follow: boolean;
  readonly deadLetters?: DeadLetters;
  /** Resolves when there is room for more; `done` is called when the batch has arrived. */
  readonly send: (batch: SizedBatch, bytes: number, done: () => void) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Ships what a topic holds until it ends or the signal says stop. The topic hears of a batch when all of its events have
 * arrived and what could not be read of it is in the dead letters.
 */
export async function shipStream(source: BatchSource, options: StreamOptions): Promise<void> {
  const { marks, follow, send, signal } = options;
  for await (const taken of source.read(marks, { follow }, signal)) {
    await keep(source, taken.unreadable, options.deadLetters);
    if (taken.batch.events === 0) taken.done();
    else await send(taken.batch, taken.batch.bytes.length, () => taken.done());
  }
}

async function keep(
  source: BatchSource,
  events: readonly Unreadable[],
  letters: DeadLetters | undefined,
): Promise<void> {
  const [first] = events;
  if (first === undefined) return;
  if (letters === undefined) {
    const place = Object.values(first.origin).join('/');
    throw new LogsError('INPUT_DAMAGED', `${source.name}: cannot read ${place}: ${first.reason}`, {
      hint: 'dead letters are turned off, so it has nowhere to go',
    });
  }
  await letters.put(
    events.map(({ bytes, reason, origin }) => ({
      bytes,
      context: {},
      id: undefined,
      from: source.name,
      reason,
      origin,
    })),
  );
}
