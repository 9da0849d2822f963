import type { LogRecord } from '../record/record.ts';
import type { Paint } from './paint.ts';

/** Where the text goes, as far as it changes what is written. */
export interface Style {
  /** Log text is escaped, and nothing is wider than `width`. False in a pipe: the bytes stay. */
  readonly terminal: boolean;
  /** Columns of the terminal. Only read where `terminal` is true or the format draws. */
  readonly width: number;
  /** Zone in which times are shown to people; machine formats write the time as it came. */
  readonly zone: string;
  readonly paint: Paint;
}

/** Which fields are written: only `pick`, in that order, or all but `drop`. */
export interface Selection {
  readonly pick?: readonly string[] | undefined;
  readonly drop?: readonly string[] | undefined;
}

/** Port: records into one format. Text is whole lines; what it gives does not depend on how records are batched. */
export interface RecordOutput {
  /** MUST give what stands before the first record. */
  begin(): string;
  /** MUST give the batch whole; may hold records back until `end` where a format has to know widths. */
  records(batch: readonly LogRecord[]): string | Uint8Array;
  /** MUST give what was held back and what stands after the last record. */
  end(): string | Promise<string>;
  /** Where a format is one document: what MUST follow the records given so that it is whole without the rest. */
  cutShort?(): string;
}

export const RECORD_FORMATS = ['pretty', 'raw', 'json', 'ndjson', 'csv', 'tsv', 'logfmt', 'table'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** A table of statistics: the same shape as the port of the stores gives. Times are bigint nanoseconds. */
export interface ShownTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Cell = string | number | bigint | boolean | null;
