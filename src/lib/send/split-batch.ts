import type { SizedBatch } from '../record/batch.ts';
import { eachEvent } from '../record/events.ts';

/** What a batch may have at the most, unless a single event is larger. */
export interface BatchSize {
  readonly events: number;
  readonly bytes: number;
}

interface Cut {
  readonly event: number;
  readonly offset: number;
  readonly line: number;
}

/**
 * A batch as batches of no more than a size, in order, which share its bytes. They cover no range of its source. One
 * that is small enough stays what it is.
 */
export function splitBatch(batch: SizedBatch, size: BatchSize): readonly SizedBatch[] {
  if (batch.events <= size.events && batch.bytes.length <= size.bytes) return [batch];
  const cuts: Cut[] = [{ event: 0, offset: 0, line: 0 }];
  let from = cuts[0] as Cut;
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end, line) => {
    if (event > from.event && (event - from.event >= size.events || end + 1 - from.offset > size.bytes)) {
      from = { event, offset: start, line };
      cuts.push(from);
    }
    event += 1;
  });
  if (cuts.length === 1) return [batch];
  const end: Cut = { event, offset: batch.bytes.length, line: batch.lines };
  const joins = batch.joins === undefined ? undefined : wholeJoins(batch);
  let group = 0;
  return cuts.map((cut, at) => {
    const next = cuts[at + 1] ?? end;
    const first = group;
    if (joins !== undefined) for (let line = cut.line; line < next.line; group += 1) line += joins[group] ?? 1;
    return {
      bytes: batch.bytes.subarray(cut.offset, next.offset),
      lines: next.line - cut.line,
      ...(joins === undefined ? {} : { joins: joins.slice(first, group) }),
      context: batch.context,
      events: next.event - cut.event,
      ...(batch.ids === undefined ? {} : { ids: batch.ids.slice(cut.event, next.event) }),
      ...originFrom(batch, cut.event),
    };
  });
}

function originFrom({ origin }: SizedBatch, first: number): Pick<SizedBatch, 'origin'> {
  return origin === undefined ? {} : { origin: (event) => origin(first + event) };
}

/** How many lines each event of a batch has, for every line. */
export function wholeJoins({ joins = [], lines }: SizedBatch): readonly number[] {
  const rest = lines - joins.reduce((sum, count) => sum + count, 0);
  return rest <= 0 ? joins : [...joins, ...Array.from({ length: rest }, () => 1)];
}
