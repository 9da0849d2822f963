import type { LogRecord } from '../../record/record.ts';

/** By time, of equal times by id. */
export function byTime(a: LogRecord, b: LogRecord): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
  if (a.log_id === b.log_id) return 0;
  return a.log_id < b.log_id ? -1 : 1;
}

/** What a record held takes in memory, roughly: its bytes, the same again as fields, and the objects around them. */
export function weightOf(record: LogRecord): number {
  return record.raw.length * 3 + 600;
}

/**
 * Puts records that come nearly in order of time into that order, in bounded memory: exact where none is late by more
 * than half of what it holds, so for every answer that fits into it.
 */
export class TimeWindow {
  private held: LogRecord[] = [];
  private weight = 0;
  private readonly limit: number;

  /** `limit` in bytes as `weightOf` counts them. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** What is due now. */
  add(record: LogRecord): readonly LogRecord[] {
    this.held.push(record);
    this.weight += weightOf(record);
    if (this.weight <= this.limit) return [];
    this.held.sort(byTime);
    const out = this.held.splice(0, Math.ceil(this.held.length / 2));
    this.weight = this.held.reduce((sum, each) => sum + weightOf(each), 0);
    return out;
  }

  /** All that is held. */
  end(): readonly LogRecord[] {
    return this.held.sort(byTime);
  }
}
