import type { EventContext } from './record.ts';

/** Bytes of a source: `id` names it for ever, [from, to) is what a batch covers. */
export interface SourceRange {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** SHA-256, hex, over all bytes of the source before `to`: without it the source cannot be known again. */
  readonly hash?: string;
}

/**
 * Whether a source counts messages instead of bytes: a partition of a topic. It may begin anywhere, and what is before
 * its position may be gone there, or never have been.
 */
export function countsMessages(id: string): boolean {
  return id.startsWith('kafka:');
}

/** Whole events of one source, in order, as received. */
export interface EventBatch {
  /** Lines, each ended by LF; empty ones are no events. */
  readonly bytes: Uint8Array;
  /** Lines in `bytes`, empty ones counted too. */
  readonly lines: number;
  /** Where some events have several lines: how many each has, in order, for all lines of the batch. Absent: one line each. */
  readonly joins?: readonly number[];
  readonly context: EventContext;
  /** Absent for sources that cannot be read again (a pipe). */
  readonly source?: SourceRange;
  /**
   * Log ids that the events came with, as `formatLogId` makes them, one for each event in order. Absent: they are minted
   * where the events are first made durable. Whoever keeps events with ids MUST keep these.
   */
  readonly ids?: readonly string[];
  /** Where each event with a place of its own came from (`topic`, `partition`, `offset`): told with it when it is refused. */
  readonly origin?: (event: number) => { readonly [name: string]: string };
}

/** A batch and how many events its bytes hold. */
export interface SizedBatch extends EventBatch {
  readonly events: number;
}

/** What a source's content was when it was last shipped: lets a compressed or renamed copy be known. JSON, small. */
export interface SourceMark {
  readonly id: string;
  /** Bytes durable, from the start, without a gap. */
  readonly position: number;
  /** SHA-256, hex, over just those bytes. A source is not gone on with without it. */
  readonly hash?: string;
}
