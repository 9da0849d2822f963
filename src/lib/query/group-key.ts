import { valuesOf } from '../record/field-access.ts';
import type { LogRecord } from '../record/record.ts';
import type { GroupKey, QueryClock } from './ast.ts';
import { cellsOf } from './cells.ts';
import { numberOf } from './compare.ts';
import { type Cell, cellKey } from './table.ts';
import { alignTime } from './time-range.ts';
import { zoneOf } from './zone.ts';

const MISSING: readonly Cell[] = [null];

/** The groups an event is in by one key: one, or one for each different value of an array; null where it has none. */
export type KeyReader = (record: LogRecord) => readonly Cell[];

export function compileKey(key: GroupKey, clock: QueryClock): KeyReader {
  switch (key.kind) {
    case 'field':
      return (record) => different(cellsOf(record, key.field));
    case 'every': {
      const zone = zoneOf(clock.zone);
      return (record) => [alignTime(record.ts, key.interval, zone)];
    }
    case 'bucket':
      return (record) => different(bucketsOf(record, key.field, key.size));
  }
}

/** floor(f / n) × n, without the digits that multiplying adds (3 × 0.1). */
function bucketsOf(record: LogRecord, field: string, size: number): Cell[] {
  return valuesOf(record, field).flatMap((value) => {
    const near = numberOf(value)?.near;
    return near === undefined || !Number.isFinite(near)
      ? []
      : [Number((Math.floor(near / size) * size).toPrecision(15))];
  });
}

function different(cells: readonly Cell[]): readonly Cell[] {
  if (cells.length < 2) return cells.length === 0 ? MISSING : cells;
  return [...new Map(cells.map((cell) => [cellKey(cell), cell])).values()];
}
