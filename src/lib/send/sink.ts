import type { SizedBatch, SourceMark } from '../record/batch.ts';

export type { SizedBatch } from '../record/batch.ts';

/** An event of a batch, counted from 0 as `eachEvent` finds them, and why it was not accepted. */
export interface Refusal {
  readonly event: number;
  readonly reason: string;
}

/** What became of a batch. Every event of it is in one of the three. */
export interface Delivery {
  readonly accepted: number;
  /** Will never be accepted, however often they are sent: for the dead letters. */
  readonly rejected: readonly Refusal[];
  /** May be accepted when these alone are sent again. */
  readonly retry?: readonly Refusal[];
}

/** What a sink wants to be given. */
export interface SinkLimits {
  /** A batch should have no more of either, unless a single event is larger. */
  readonly events: number;
  readonly bytes: number;
  /** Calls of `send` under way at once, at the most; 1 where the order of calls is the order of what is kept. */
  readonly inFlight: number;
}

/** Where logs are sent. Every implementation passes `test/contracts/sink.ts`. */
export interface LogSink {
  /**
   * MUST resolve only when every accepted event is as safe as this sink makes anything, and keep the order of calls;
   * several calls may be under way at once. It MUST NOT retry by itself: it rejects, and then nothing of the batch
   * counts as delivered; `canRetry` of the error says whether the same batch may be accepted later, TOO_LARGE that
   * half of it may be.
   */
  send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery>;
  /** How far sources were taken in before, by whatever process; empty for a sink that keeps no such thing. */
  marks(): Promise<ReadonlyMap<string, SourceMark>>;
  /**
   * Present where the sink reads the events itself: how many of those sent it kept whole because they could not be
   * parsed, known once `close` has resolved. Where absent, ship counts them.
   */
  unparsed?(): number;
  /** Present where nobody reads the bytes of a batch any more once it is accepted: they may be used again. */
  readonly leavesBytes?: true;
  /** Present where the sink collects events: sends on what it has, now, because nothing more comes for a while. */
  flush?(): void;
  /** MUST wait for what was sent. */
  close(): Promise<void>;
}

/** A sink on another machine: it may be away, busy, or refuse single events. */
export interface RemoteSink extends LogSink {
  /** The URL without its secrets, for messages. */
  readonly name: string;
  readonly limits: SinkLimits;
  /**
   * Asks whether the target can be reached and written to, before anything is read. Throws UNREACHABLE, REMOTE_DENIED,
   * REMOTE_TLS or REMOTE_UNSUITABLE, in one line that names the URL, with the remedy as its hint.
   */
  check(signal: AbortSignal): Promise<void>;
}
