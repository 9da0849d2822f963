import type { LogRecord } from '../../record/record.ts';

/** One stage over a stream of records. */
export interface Pipe {
  /** What goes on to the next stage after these records came in. */
  take(records: readonly LogRecord[]): readonly LogRecord[];
  /** What was held back until the last record had come. */
  end?(): readonly LogRecord[];
  /** Nothing that follows can change the result: the source may stop. */
  readonly isDone?: boolean;
}
