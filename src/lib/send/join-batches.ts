import type { SizedBatch } from '../record/batch.ts';
import { wholeJoins } from './split-batch.ts';

/**
 * Batches of one context as one, in order. It covers no range of a source. MUST be given batches that all have ids or
 * all have none.
 */
export function joinBatches(batches: readonly [SizedBatch, ...SizedBatch[]]): SizedBatch {
  const [first] = batches;
  if (batches.length === 1) return first;
  const joined = batches.some(({ joins }) => joins !== undefined);
  return {
    bytes: Buffer.concat(batches.map(({ bytes }) => bytes)),
    lines: batches.reduce((sum, { lines }) => sum + lines, 0),
    ...(joined ? { joins: batches.flatMap(wholeJoins) } : {}),
    context: first.context,
    events: batches.reduce((sum, { events }) => sum + events, 0),
    ...(first.ids === undefined ? {} : { ids: batches.flatMap(({ ids = [] }) => ids) }),
    ...(batches.some(({ origin }) => origin !== undefined) ? { origin: originOf(batches) } : {}),
  };
}

function originOf(batches: readonly SizedBatch[]): NonNullable<SizedBatch['origin']> {
  return (event) => {
    let at = event;
    for (const { events, origin } of batches) {
      if (at < events) return origin?.(at) ?? {};
      at -= events;
    }
    return {};
  };
}
