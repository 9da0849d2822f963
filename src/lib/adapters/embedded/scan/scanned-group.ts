import type { EventContext } from '../../../record/record.ts';
import type { GroupFilters } from '../segment/filters.ts';
import type { HourCount, KeyStatistic } from '../layout.ts';

/** Events as they stand in a log file, or in any other buffer. */
export interface EventBlock {
  /** MUST be asked for anew after each call of the scanner, in whose memory it may be. */
  readonly bytes: Uint8Array;
  /** Offsets in `bytes` where each event begins, ascending. */
  readonly starts: Uint32Array;
  /** Offsets where each ends, exclusive, without the LF that ended it. */
  readonly ends: Uint32Array;
  /** What is known of the events beside their bytes; together the frames cover all of them, in order. */
  readonly frames: readonly EventFrame[];
}

/** Consecutive events that came with the same context at the same moment. */
export interface EventFrame {
  readonly events: number;
  /** The same object for frames that share it: its texts are made once. */
  readonly context: EventContext;
  /** Nanoseconds since 1970. */
  readonly receivedAt: bigint;
}

/** Lines of a text that are not empty: offsets where each begins and ends, without its LF, and its number from 0. */
export interface FoundLines {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly numbers: Uint32Array;
  /** How many lines there are, empty ones too. */
  readonly count: number;
}

/** Which events of a block to make rows of. */
export interface GroupRequest {
  /** Numbers of events in the block, ascending. */
  readonly events: Uint32Array;
  /** Index in `events` to begin at: 0, then the `next` of the group before. */
  readonly from: number;
  /** Days since 1970 (UTC) whose events become rows; null for all, as in a segment of many days. */
  readonly day: number | null;
  /** At most so many rows; fewer only where `events` has no more. */
  readonly rows: number;
}

/**
 * One row group. All arrays are views of the scanner's memory or are made over by it: they hold until its next call and
 * MUST be copied or written out before.
 */
export interface ScannedGroup {
  /** Index in the request's `events` behind the last one that was looked at. */
  readonly next: number;
  readonly rows: number;
  /** Number in the block of each row's event. */
  readonly events: Uint32Array;
  /** Events that are of other days and became no rows. */
  readonly others: readonly OtherDay[];
  /** Nanoseconds since 1970 of each row: the values of the column `ts`. */
  readonly times: BigInt64Array;
  /** Of `times`; 0 without rows. */
  readonly minTs: bigint;
  readonly maxTs: bigint;
  /** Bytes of the rows' events, one LF counted for each. */
  readonly rawBytes: number;
  /** `ROW_FLAGS` that some row has. */
  readonly flags: number;
  /**
   * In the order of the file: `ts`, `tf`, `level`, `service`, `host`, `trace_id`, `span_id`, `k0` …, `message`, `rest`,
   * `line_b`, `ctx`. A column `id` is the caller's.
   */
  readonly columns: readonly ScannedColumn[];
  /** Rows by service, level and hour; undefined where there are more pairs than an entry of a commit may list. */
  readonly counts: readonly HourCount[] | undefined;
  /** Keys that could have columns, the promoted ones too. */
  readonly keys: readonly KeyStatistic[];
  readonly filters: GroupFilters;
  /** The filters do not know all words of the group: it always may match. */
  readonly open: boolean;
  /** Columns whose values were taken out of messages, numbered as their marks have them. */
  readonly marked: readonly number[];
  /** Those of them of which some value taken out has more than hexadecimal digits and `-`. */
  readonly words: readonly number[];
  /** Some message begins with white space or a brace, or is empty. */
  readonly objects: boolean;
  /** Numbers of events that became rows and could not be parsed: kept whole, with `_parse_error`. */
  readonly unparsed: readonly number[];
  /** Rows whose record came from `parseEvent`, because the scanner was not sure of it. */
  readonly slow: number;
}

/** Events that follow each other in the block and are of one day. */
export interface OtherDay {
  /** Number of the first in the block. */
  readonly event: number;
  readonly events: number;
  /** Since 1970. */
  readonly day: number;
}

/** The values of one column of a row group, in Parquet's PLAIN encoding. */
export interface ScannedColumn {
  readonly name: string;
  readonly type: 'int8' | 'int32' | 'int64' | 'text' | 'bytes';
  /** One bit a row, the lowest first, set where the row has a value: definition levels as Parquet packs them. */
  readonly present: Uint8Array;
  /** Rows that have a value, and the bytes of those: of texts, without their lengths. */
  readonly count: number;
  readonly bytes: number;
  /** Of the first rows, where values come again. */
  readonly repeated?: RepeatedValues;
  /** The values of the rows behind those, of all where there are none; one piece behind the other, no value is cut. */
  readonly values: readonly Uint8Array[];
  /** Of a promoted key: every value of this group is a whole number of at most 15 digits in its one spelling. */
  readonly integers: boolean;
}

/** Values of which each different one is there once: a dictionary, as Parquet has it. At least one row has a value. */
export interface RepeatedValues {
  /** A multiple of 8, or all rows of the group. */
  readonly rows: number;
  /** How many different values there are, at most 65,535. */
  readonly different: number;
  /** They, in the order of their numbers. */
  readonly values: readonly Uint8Array[];
  /** For each row that has a value its number, 16 bits, little-endian. */
  readonly numbers: Uint8Array;
}
