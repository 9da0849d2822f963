import type { LogRecord } from '../../record/record.ts';
import type { Cell } from '../table.ts';

/** One statistic of one group of events. */
export interface Statistic {
  /** MUST take every event of the group, in any order, with the same result; `times` events like this one at once. */
  add(record: LogRecord, times: number): void;
  /** Events counted elsewhere; only for statistics that need no more than their number. */
  addCounted?(events: number): void;
  /** `seconds`: how long the group's time is, undefined where that is not known. */
  result(seconds: number | undefined): Cell;
}
