/** Names and shapes of what a store holds on disk; `docs/store.md` describes the same for other readers. */

/**
 * The writer that writes nothing: whoever has its folder builds segments of the tenant anew, and names them after it.
 * What such a one leaves when it is killed goes the way of all that dead writers leave.
 */
export const COMPACTOR = '000000000000';

/** A range of frames in one log file of one writer. */
export interface LogRange {
  /** The writer's folder under `log/`: 12 hexadecimal digits, the 48 bits in its log ids. */
  readonly writer: string;
  /** File name in it, `<n>-<life>.log`. */
  readonly file: string;
  /** First and last `seq`, both in the range. */
  readonly from: number;
  readonly to: number;
}

export interface FileSum {
  readonly bytes: number;
  readonly crc: number;
}

/** `[service, level, hour since 1970, count]`; at most 1,000 a segment, else absent. */
export type HourCount = readonly [service: string | null, level: string, hour: number, count: number];

/** A key of the events that has a column in a segment. */
export interface PromotedColumn {
  readonly key: string;
  /** `int`: every value in the segment is a whole number of at most 15 digits in its one spelling, kept as a BIGINT. */
  readonly type: 'text' | 'int';
}

/** What a builder saw of a key that could have a column: the keys of the next segment are chosen from it. */
export interface KeyStatistic {
  readonly key: string;
  /** Rows that have it with a text or a number. */
  readonly rows: number;
  /** Different values among the rows that were sampled: tells few from many, no more. */
  readonly distinct: number;
}

/** Roles whose columns may be empty. */
export const STORED_ROLES = ['service', 'host', 'trace_id', 'span_id', 'message'] as const;
export type StoredRole = (typeof STORED_ROLES)[number];

/** A segment as its commit names it: rows of one UTC day, in (writer, seq, line) order. */
export interface SegmentEntry {
  /** `YYYY.MM.DD`. */
  readonly day: string;
  /** File name without `.parquet` / `.idx`: `<writer>-<claim number>-<n>`, never used twice. */
  readonly name: string;
  /** Of one whose rows are of several days, or of another than its name says: those days, `YYYY.MM.DD`, rising. */
  readonly days?: readonly string[];
  readonly rows: number;
  /** Bytes of the events, LF counted. */
  readonly rawBytes: number;
  /** Smallest and largest `ts`, decimal nanoseconds. */
  readonly minTs: string;
  readonly maxTs: string;
  readonly minReceived: number;
  readonly maxReceived: number;
  readonly parquet: FileSum;
  readonly idx: FileSum;
  /** Set where its rows have their ids in a column, since some came with them. */
  readonly ids?: true;
  /** Columns `k0`, `k1`, … in order. */
  readonly columns: readonly PromotedColumn[];
  /** Flags (`tf`) that some row has. Absent: perhaps any. */
  readonly flags?: number;
  /**
   * Numbers of the columns whose key is, in some row with the flag OPAQUE, a field with a value that is not in the column.
   * Absent where no row has that flag, or where that is not known.
   */
  readonly opaque?: readonly number[];
  /**
   * Columns whose values were taken out of messages, numbered as their marks have them. Absent where no row has the flag
   * MARKS, or where that is not known.
   */
  readonly marked?: readonly number[];
  /** Those of `marked` whose values taken out are hexadecimal digits and `-` alone. Absent where none are, or not known. */
  readonly hex?: readonly number[];
  /** Set where no line, and no value taken out of one, holds the name of a text field beside the message. */
  readonly namesTexts?: false;
  /** Set where no message begins with white space or a brace, nor is empty. */
  readonly objects?: false;
  /** Rows that have each of the roles whose columns may be empty; 0 is left out. Absent where that is not known. */
  readonly roles?: { readonly [R in StoredRole]?: number };
  readonly counts?: readonly HourCount[];
  readonly ranges: readonly SealedRange[];
}

/** Where rows of a segment come from. */
export interface SealedRange extends LogRange {
  /** Number of the commit that sealed them; in a commit 0 is that commit. */
  readonly commit: number;
  /**
   * First and last receive time of those rows, which tells them from those of the same writer's other files: each counts
   * its frames from 1. Absent in a segment of one range, where they are the segment's.
   */
  readonly received?: readonly [from: number, to: number];
  /** Days of those rows, `YYYY.MM.DD`. Absent: those of the segment. */
  readonly days?: readonly string[];
}

/** Position of a source when a log file was sealed. */
export interface SourcePosition {
  readonly id: string;
  readonly position: number;
  readonly hash?: string;
}

/** One numbered commit: what changes in what the store holds. */
export interface Commit {
  readonly format: 1;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly added: readonly SegmentEntry[];
  /** `day/name` of segments. */
  readonly removed: readonly string[];
  readonly consumed: readonly LogRange[];
  readonly positions: readonly SourcePosition[];
}

/** What all commits up to `number` say together. Read-only: shared between readers. */
export interface StoreState {
  readonly number: number;
  readonly segments: ReadonlyMap<string, SegmentEntry>;
  /** Consumed ranges by `writer/file`. */
  readonly consumed: ReadonlyMap<string, readonly LogRange[]>;
  readonly positions: ReadonlyMap<string, SourcePosition>;
}

/** Rows that came from one frame's lines in sequence; a run ends where the frame does. */
export interface RowRun {
  readonly firstRow: number;
  readonly rows: number;
  readonly writer: string;
  readonly seq: number;
  /** Index in the frame, from 0, of the first row's first line; that of each next row is one more, else a new run begins. */
  readonly line: number;
  readonly received: number;
}
