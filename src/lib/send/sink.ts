import type { EventBatch, SourceMark } from '../record/batch.ts';

/** What became of a batch. Every event of it is in one of the two. */
export interface Delivery {
  readonly accepted: number;
  readonly rejected: readonly { readonly event: number; readonly reason: string }[];
}

/** Where logs are sent. Every implementation passes `test/contracts/sink.ts`. */
export interface LogSink {
  /**
   * MUST resolve only when every accepted event is as safe as this sink makes anything, and keep the order of calls;
   * several calls may be under way at once. It MUST NOT retry by itself: it rejects, and then nothing of the batch
   * counts as delivered.
   */
  send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery>;
  /** How far sources were taken in before, by whatever process; empty for a sink that keeps no such thing. */
  marks(): Promise<ReadonlyMap<string, SourceMark>>;
  /**
   * Present where the sink reads the events itself: how many of those sent it kept whole because they could not be
   * parsed, known once `close` has resolved. Where absent, ship counts them.
   */
  unparsed?(): number;
  /** MUST wait for what was sent. */
  close(): Promise<void>;
}

/** A batch and how many events its bytes hold. */
export interface SizedBatch extends EventBatch {
  readonly events: number;
}
