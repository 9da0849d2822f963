import { parseEvent } from '../parse/parse-event.ts';
import { eachEvent } from '../record/events.ts';
import type { Level } from '../record/level.ts';
import type { SizedBatch, SourceMark } from '../record/batch.ts';
import { createMint } from '../send/mint-ids.ts';
import { selectEvents } from '../send/select-events.ts';
import type { Delivery, LogSink } from '../send/sink.ts';
import type { EventFlow, Verdict } from './event-flow.ts';

/** Events that a pipeline was told to leave out, by why and by level. */
export type DroppedTally = { readonly [reason in 'drop' | 'sample']: Map<Level, number> };

/** A target of a flow. One that keeps positions of sources hears of those whose events all went elsewhere, too. */
export interface FlowTarget {
  readonly sink: LogSink;
  readonly keepsMarks: boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * Sends each event where the flow says, and counts those that it drops. An event counts as accepted when every target
 * has it. Where several targets get it, it has the same id in all of them.
 */
export function flowSink(flow: EventFlow, targets: readonly FlowTarget[], dropped: DroppedTally): LogSink {
  const mint = createMint();
  return {
    async send(batch, signal) {
      const marked = targets.length > 1 ? mint(batch) : batch;
      const { chosen, left } = distribute(flow, targets.length, marked, dropped);
      const sent = targets.map(async ({ sink, keepsMarks }, at): Promise<Delivery | undefined> => {
        const part = partOf(marked, chosen[at] ?? []);
        if (part.events === 0 && (!keepsMarks || part.source === undefined)) return undefined;
        return sink.send(part, signal);
      });
      const ended = await Promise.allSettled(sent);
      const refused = new Map<number, string>();
      for (const [at, end] of ended.entries()) {
        if (end.status === 'rejected') throw end.reason;
        for (const { event, reason } of end.value?.rejected ?? []) refused.set(chosen[at]?.[event] ?? event, reason);
      }
      return {
        accepted: batch.events - left - refused.size,
        rejected: [...refused].map(([event, reason]) => ({ event, reason })),
      };
    },
    marks: async () => leastMarks(targets),
    flush: () => {
      for (const { sink } of targets) sink.flush?.();
    },
    async close() {
      const ended = await Promise.allSettled(targets.map(({ sink }) => sink.close()));
      for (const end of ended) if (end.status === 'rejected') throw end.reason;
    },
  };
}

function distribute(flow: EventFlow, targets: number, batch: SizedBatch, dropped: DroppedTally) {
  const chosen: number[][] = Array.from({ length: targets }, () => []);
  const receivedAt = BigInt(Date.now()) * 1_000_000n;
  let event = 0;
  let left = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const record = parseEvent(batch.bytes.subarray(start, end), batch.context, receivedAt, '');
    const verdict: Verdict = flow.take(record);
    if (typeof verdict === 'string') {
      left += 1;
      dropped[verdict].set(record.level, (dropped[verdict].get(record.level) ?? 0) + 1);
    } else for (const target of verdict) chosen[target]?.push(event);
    event += 1;
  });
  return { chosen, left };
}

/** Some events of a batch. They cover all that the batch does: what is not among them is none of this target's. */
function partOf(batch: SizedBatch, events: readonly number[]): SizedBatch {
  if (events.length === batch.events) return batch;
  const source = batch.source === undefined ? {} : { source: batch.source };
  if (events.length === 0) return { bytes: NOTHING, lines: 0, events: 0, context: batch.context, ...source };
  return { ...selectEvents(batch, events), ...source };
}

/** How far every target that keeps positions has come: what some have beyond, they are not sent again. */
async function leastMarks(targets: readonly FlowTarget[]): Promise<ReadonlyMap<string, SourceMark>> {
  const [first, ...others] = await Promise.all(
    targets.filter(({ keepsMarks }) => keepsMarks).map(({ sink }) => sink.marks()),
  );
  if (first === undefined) return new Map();
  const least = new Map<string, SourceMark>();
  for (const [id, mark] of first) {
    const marks = [mark, ...others.map((more) => more.get(id))];
    if (marks.includes(undefined)) continue;
    least.set(id, marks.reduce((a, b) => ((b?.position ?? 0) < (a?.position ?? 0) ? b : a)) ?? mark);
  }
  return least;
}
