import { LogsError } from '../../../errors.ts';
import type { SegmentEntry } from '../layout.ts';
import { bytesOf, type Selection } from './source-block.ts';

/** How many events there are, and their bytes, an LF after each counted. */
export interface Totals {
  readonly rows: number;
  readonly rawBytes: number;
}

export function totalsOf(segments: Iterable<Pick<SegmentEntry, 'rows' | 'rawBytes'>>): Totals {
  let rows = 0;
  let rawBytes = 0;
  for (const segment of segments) {
    rows += segment.rows;
    rawBytes += segment.rawBytes;
  }
  return { rows, rawBytes };
}

export function totalsIn(selection: Selection): Totals {
  const rows = selection.events.length;
  return { rows, rawBytes: bytesOf(selection) + rows };
}

/**
 * Every row is compared with its event, but not whether each event became a row: an event that no pass took would be
 * gone with the log. Throws INTERNAL where there are others than were given.
 */
export function compareTotals(made: Totals, given: Totals): void {
  if (made.rows === given.rows && made.rawBytes === given.rawBytes) return;
  throw new LogsError(
    'INTERNAL',
    `${given.rows} events of ${given.rawBytes} bytes would be ${made.rows} of ${made.rawBytes} bytes in segments`,
    { hint: 'Nothing is lost: what they are made of stays and is read. Please report this.' },
  );
}
