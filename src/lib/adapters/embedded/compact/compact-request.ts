import type { SegmentEntry } from '../layout.ts';

/** Segments to build anew: plain data, for it crosses to a worker thread. */
export interface CompactRequest {
  /** Absolute. */
  readonly tenantDir: string;
  /** Name for the segments, used once only: several days get the same one in their own folders. */
  readonly name: string;
  readonly inputs: readonly SegmentEntry[];
  /** Their day is over: smaller is worth more time. */
  readonly cold: boolean;
  /** Each day gets a segment of its own; else all become one. */
  readonly split: boolean;
  /** Keys that queries asked for: they get columns first. */
  readonly asked: readonly string[];
}

/** Where some input is damaged nothing is built. */
export interface CompactResult {
  /** Their `ranges` are those of the inputs. */
  readonly added: readonly SegmentEntry[];
  /** Inputs that cannot be read, by `day/name`. */
  readonly damaged: readonly { readonly segment: string; readonly what: string }[];
  /** What went wrong and was put right. */
  readonly problems: readonly string[];
}
