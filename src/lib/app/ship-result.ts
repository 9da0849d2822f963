import type { LogsError } from '../errors.ts';

export interface ShipProgress {
  /** Acknowledged so far. */
  readonly bytes: number;
  readonly events: number;
  /** Bytes to read of all sources, and of these to come; where they are known before. */
  readonly ahead?: { readonly total: number; readonly left: number };
}

/** What `logs ship --json` prints. Bytes are those of the events' text, inflated; seconds are wall clock. */
export interface ShipSummary {
  /** Taken in, but for those that a rule dropped or sampled away. */
  readonly events: number;
  readonly bytes: number;
  /** Put into the dead letters meanwhile: nobody takes them, or nobody could read them. */
  readonly rejected: number;
  /** Taken in, and in a queue still. Absent: none. */
  readonly left?: number;
  /** Left out because the pipeline says so, by why and by level. Once for each target whose queue was full. */
  readonly dropped?: { readonly [reason: string]: { readonly [level: string]: number } };
  /** Kept whole, with the reason in `_parse_error`. */
  readonly unparsed: number;
  /** Empty lines. */
  readonly blank: number;
  /** Longer than 1 MiB: the head was kept. */
  readonly truncated: number;
  /** In runs of more than 4 KiB, left out. */
  readonly nulBytes: number;
  readonly files: {
    readonly shipped: number;
    /** Shipped before, with nothing new. */
    readonly unchanged: number;
    /** Never shipped, with nothing in them to ship. */
    readonly empty: number;
    readonly skipped: number;
  };
  readonly seconds: number;
}

export interface ShipResult {
  readonly summary: ShipSummary;
  /** Sources that were left out or cut short, in order, for the command to tell and to end with. */
  readonly failures: readonly LogsError[];
  /** What ended it before its time. */
  readonly failed?: LogsError;
}
