import type { EventBlock, GroupRequest, ScannedGroup } from './scanned-group.ts';

export interface ScannerOptions {
  /** Keys that have the columns `k0`, `k1`, … of the segment, at most `MOST_COLUMNS`, each with `isPromotable`. */
  readonly columns: readonly string[];
}

/**
 * Makes rows of a segment from the bytes of events. What it says of an event is what `parseEvent` says: of most JSON
 * lines it is sure itself, in WebAssembly, without an object for each; for all others it asks `parseEvent`.
 * One scanner serves one thread; its memory grows with the largest group and is kept.
 */
export declare class Scanner {
  constructor(options: ScannerOptions);

  /** Takes another set of promoted keys, for another segment: the memory stays. */
  use(options: ScannerOptions): void;

  /** Makes the next row group. Throws INTERNAL only for what must not happen. */
  scan(block: EventBlock, request: GroupRequest): ScannedGroup;

  /**
   * Fills the marks of the rows of the last group from its columns and compares them with the bytes of their events.
   * The first row that differs, or -1. The block must be the same.
   */
  firstDifference(block: EventBlock): number;
}
