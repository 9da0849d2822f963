import type { SizedBatch, SourceMark } from '../record/batch.ts';

/** Events that could not be read, for the dead letters. */
export interface Unreadable {
  readonly bytes: Uint8Array;
  readonly reason: string;
  readonly origin: { readonly [name: string]: string };
}

/** A batch that its source wants to hear of again. */
export interface AcknowledgedBatch {
  readonly batch: SizedBatch;
  /** What stood between the batch's events and is none. */
  readonly unreadable: readonly Unreadable[];
  /** Says that every event of it is safe elsewhere: only then does the source's position move past it. May be called out of order. */
  done(): void;
}

/** Where whole events come from that the source keeps until they are acknowledged: a topic. */
export interface BatchSource {
  /** The URL without its secrets. */
  readonly name: string;
  /** Throws as `RemoteSink.check` does. */
  check(signal: AbortSignal): Promise<void>;
  /**
   * Batches, in order within each partition, from where the group was left or, where the sink's marks know more, from
   * there. Ends by the signal, soon and without throwing, or, without `follow`, at what was the end when it began.
   * A batch given and not done when the position moves to another process is given again there.
   */
  read(
    marks: ReadonlyMap<string, SourceMark>,
    options: { readonly follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<AcknowledgedBatch>;
  /** Commits what is done and leaves. */
  close(): Promise<void>;
}
