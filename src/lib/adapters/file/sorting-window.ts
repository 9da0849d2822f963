import type { LogRecord } from '../../record/record.ts';

/** A record with its place among those of equal time: the order in which they were read. */
export interface Placed {
  readonly record: LogRecord;
  readonly place: number;
}

export function byTime(a: Placed, b: Placed): number {
  if (a.record.ts !== b.record.ts) return a.record.ts < b.record.ts ? -1 : 1;
  return a.place - b.place;
}

/** What a record held takes in memory, roughly: its bytes, the same again as fields, and the objects around them. */
export function weightOf(record: LogRecord): number {
  return record.raw.length * 3 + 600;
}

/**
 * Puts a stream that is nearly in order of time into order, within bounded memory: records go in as they come, and
 * the older half comes out when the window is full. Exact where no record is late by more than half a window, so for
 * every source that fits into it; a later one comes out late.
 */
export class SortingWindow {
  private held: Placed[] = [];
  private weight = 0;
  private readonly limit: number;

  /** `limit` in bytes as `weightOf` counts them. */
  constructor(limit: number) {
    this.limit = limit;
  }

  add(record: LogRecord, place: number): readonly LogRecord[] {
    this.held.push({ record, place });
    this.weight += weightOf(record);
    if (this.weight <= this.limit) return [];
    this.held.sort(byTime);
    const out = this.held.splice(0, Math.ceil(this.held.length / 2));
    this.weight = this.held.reduce((sum, placed) => sum + weightOf(placed.record), 0);
    return out.map(recordOf);
  }

  /** All that is held. */
  end(): readonly LogRecord[] {
    const out = this.held.sort(byTime).map(recordOf);
    this.held = [];
    this.weight = 0;
    return out;
  }
}

function recordOf({ record }: Placed): LogRecord {
  return record;
}
