import type { SizedBatch } from '../record/batch.ts';
import { eachEvent } from '../record/events.ts';

/**
 * Some events of a batch, by their numbers in ascending order, as a batch of their own with their ids, origins and
 * context. It covers no range of the source: its events need not be neighbours. Bytes are copied only where what is
 * chosen does not lie together.
 */
export function selectEvents(batch: SizedBatch, events: readonly number[]): SizedBatch {
  if (events.length === batch.events) return batch;
  const runs: { start: number; end: number }[] = [];
  const counts: number[] = [];
  let event = 0;
  let at = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    if (event++ !== events[at]) return;
    at += 1;
    const run = runs.at(-1);
    if (run?.end === start) run.end = end + 1;
    else runs.push({ start, end: end + 1 });
    if (batch.joins !== undefined) counts.push(linesIn(batch.bytes, start, end));
  });
  const parts = runs.map(({ start, end }) => batch.bytes.subarray(start, end));
  const { context, ids, origin } = batch;
  return {
    bytes: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts),
    lines: batch.joins === undefined ? events.length : counts.reduce((sum, lines) => sum + lines, 0),
    ...(batch.joins === undefined ? {} : { joins: counts }),
    context,
    events: events.length,
    ...(ids === undefined ? {} : { ids: events.map((number) => ids[number] as string) }),
    ...(origin === undefined ? {} : { origin: (number: number) => origin(events[number] as number) }),
  };
}

/** The bytes of one event, without the LF that ends it. */
export function eventBytes(batch: SizedBatch, events: readonly number[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    if (event++ === events[found.length]) found.push(batch.bytes.subarray(start, end));
  });
  return found;
}

function linesIn(bytes: Uint8Array, start: number, end: number): number {
  let lines = 1;
  for (let at = bytes.indexOf(LF, start); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines;
}

const LF = 10;
