import type { SizedBatch, SourceMark } from '../record/batch.ts';

/** A batch that is durable in the queue, with the ids that its events got there (or came with). */
export interface QueuedBatch extends SizedBatch {
  readonly ids: readonly string[];
  /** Milliseconds since 1970 when it was made durable: the age in the queue. */
  readonly queuedAt: number;
  /** Says that it is delivered or in the dead letters: it is not given again, by whatever process. May be called out of order. */
  done(): void;
}

export interface QueueDepth {
  readonly events: number;
  readonly bytes: number;
  /** Milliseconds since 1970 of the oldest batch that is not done; undefined where there is none. */
  readonly oldest: number | undefined;
}

/** A durable queue before a remote sink. */
export interface BatchQueue {
  /**
   * MUST resolve only when the batch survives a power cut. Ids are minted here where the batch has none. The signal ends
   * a wait for room, where there is one.
   */
  append(batch: SizedBatch, signal?: AbortSignal): Promise<void>;
  /**
   * Every batch that is not done, those left by processes that died first, then what is appended; in order for each
   * source. Ends when the queue was closed for appending and is empty, or by the signal.
   */
  take(signal: AbortSignal): AsyncIterable<QueuedBatch>;
  /**
   * Takes out the oldest batch that `take` has not given yet, for a caller that would rather drop it than wait for room
   * and says so with `done`. Undefined where there is none.
   */
  oldest(): Promise<QueuedBatch | undefined>;
  depth(): QueueDepth;
  /** How far sources were taken in, by whatever process. */
  marks(): Promise<ReadonlyMap<string, SourceMark>>;
  /** No more will be appended. `take` ends when what is there is done. */
  end(): Promise<void>;
  /** Gives the queue back as it is: what is not done is for the next process. */
  close(): Promise<void>;
}
