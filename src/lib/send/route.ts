import type { SizedBatch } from '../record/batch.ts';
import { eachEvent } from '../record/events.ts';
import type { EventContext } from '../record/record.ts';
import { closeAll } from './close-all.ts';
import { leastMarks } from './least-marks.ts';
import { createMint } from './mint-ids.ts';
import { selectEvents } from './select-events.ts';
import type { Delivery, LogSink, Refusal } from './sink.ts';

/**
 * Where an event goes: places in the list of sinks, each once, ascending; none of them for an event that is left out.
 * Called once for each event, in order. The bytes are those of the batch.
 */
export type Way = (event: Uint8Array, context: EventContext) => readonly number[];

/**
 * Parts batches by where their events go. `send` resolves when every event is accepted, or in the dead letters, of all
 * sinks that it went to; what one of them refused is rejected, and what goes nowhere counts as accepted. A batch whose
 * events all go one way goes there as it is. Each sink hears of every range of a source, also where nothing of it came
 * its way, so that its positions have no gaps. `keepers` are those of the sinks that keep positions: they get theirs when
 * the others have accepted, for what they keep says that all of it arrived.
 */
export function route(sinks: readonly LogSink[], way: Way, keepers: readonly LogSink[] = sinks): LogSink {
  const mint = createMint();
  const others = sinks.filter((sink) => !keepers.includes(sink));
  /** Keepers hear of batches in order, and of none behind one that failed. */
  let turn: Promise<unknown> = Promise.resolve();
  return {
    async send(batch, signal) {
      const parts = partsOf(batch, sinks.length, way);
      // The same event in several places has one id.
      const whole = parts.copied ? mint(batch) : batch;
      const sendTo = async (sink: LogSink): Promise<readonly Refusal[]> => {
        const place = sinks.indexOf(sink);
        const events = parts.of(place);
        if (events === 'all') return (await sink.send(whole, signal)).rejected;
        if (events.length === 0 && batch.source === undefined) return [];
        const part = selectEvents(whole, events);
        const { rejected } = await sink.send({ ...part, ...sourceOf(batch) }, signal);
        return rejected.map(({ event, reason }) => ({ event: events[event] as number, reason }));
      };
      const all = (some: readonly LogSink[]) => Promise.all(some.map(sendTo));
      if (others.length === 0) return together(batch, await all(keepers));
      const first = all(others);
      const ready = Promise.all([first, turn]);
      turn = ready;
      ready.catch(() => undefined);
      const kept = await ready.then(() => all(keepers));
      return together(batch, [...(await first), ...kept]);
    },
    marks: () => leastMarks(keepers),
    flush: () => {
      for (const sink of sinks) sink.flush?.();
    },
    close: () => closeAll(sinks),
  };
}

function sourceOf({ source }: SizedBatch): Pick<SizedBatch, 'source'> {
  return source === undefined ? {} : { source };
}

function together(batch: SizedBatch, refusals: readonly (readonly Refusal[])[]): Delivery {
  const rejected = new Map(refusals.flat().map((refusal) => [refusal.event, refusal]));
  return {
    accepted: batch.events - rejected.size,
    rejected: [...rejected.values()].sort((a, b) => a.event - b.event),
  };
}

interface Parts {
  /** Some event goes to several sinks. */
  readonly copied: boolean;
  of(place: number): 'all' | readonly number[];
}

/** Lists of events are begun only where a batch's events part. */
function partsOf(batch: SizedBatch, places: number, way: Way): Parts {
  let common: readonly number[] | undefined;
  let lists: number[][] | undefined;
  let copied = false;
  let event = 0;
  eachEvent(batch.bytes, batch.joins, (start, end) => {
    const ways = way(batch.bytes.subarray(start, end), batch.context);
    common ??= ways;
    copied ||= ways.length > 1;
    if (lists === undefined && !isSame(ways, common)) {
      const before = Array.from({ length: event }, (_, number) => number);
      lists = Array.from({ length: places }, (_, place) => (common?.includes(place) ? [...before] : []));
    }
    if (lists !== undefined) for (const place of ways) lists[place]?.push(event);
    event += 1;
  });
  return { copied, of: (place) => lists?.[place] ?? (common?.includes(place) ? 'all' : []) };
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((place, at) => place === b[at]));
}
