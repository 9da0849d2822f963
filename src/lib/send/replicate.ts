import type { SizedBatch } from '../record/batch.ts';
import { closeAll } from './close-all.ts';
import { leastMarks } from './least-marks.ts';
import { createMint } from './mint-ids.ts';
import type { Delivery, LogSink, Refusal } from './sink.ts';

export interface NamedSink {
  readonly name: string;
  /** Delivered to: it resolves when every event is accepted or in the dead letters. */
  readonly sink: LogSink;
}

export interface ReplicationSettings {
  /** Copies that an event needs to count as safe. */
  readonly copies: number;
  /** Bytes acknowledged by the others that wait in memory for one sink, at most. */
  readonly behindBytes: number;
}

/**
 * Sends everything to all of some sinks, under the same ids, and acknowledges it when so many have it. The others go
 * on getting it while `behindBytes` has room; what does not fit is left out there, counted and told: put a queue before
 * each, so that one that is away has its copies waiting on the disk. A sink that fails for good is told and left out,
 * until there are not enough.
 */
export function replicate(
  sinks: readonly NamedSink[],
  settings: ReplicationSettings,
  tell: (text: string) => void,
): LogSink {
  const copies = sinks.map(({ name, sink }) => new Copy(name, sink, settings.behindBytes, tell));
  const mint = createMint();
  return {
    send: (batch, signal) => firstOf(copies, settings.copies, mint(batch), signal),
    marks: () => leastMarks(sinks.map(({ sink }) => sink)),
    flush: () => {
      for (const { sink } of sinks) sink.flush?.();
    },
    close: () => closeAll(copies),
  };
}

/** What becomes of a batch once `needed` copies have it; what any of these refused is rejected. */
function firstOf(copies: readonly Copy[], needed: number, batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
  const able = copies.filter(({ failed }) => failed === undefined);
  const ready = able.filter((copy) => copy.hasRoom(batch));
  // Where the others are not enough, those behind must have it too: what nobody acknowledged is bounded by the sender.
  const chosen = ready.length >= needed ? ready : able;
  for (const copy of able) if (!chosen.includes(copy)) copy.miss(batch);
  if (chosen.length < needed) return Promise.reject(copies.find(({ failed }) => failed !== undefined)?.failed?.error);
  return new Promise((resolve, reject) => {
    const refused = new Map<number, Refusal>();
    let have = 0;
    let may = chosen.length;
    const took = (delivery: Delivery): void => {
      for (const refusal of delivery.rejected) refused.set(refusal.event, refusal);
      have += 1;
      if (have !== needed) return;
      const rejected = [...refused.values()].sort((a, b) => a.event - b.event);
      resolve({ accepted: batch.events - rejected.length, rejected });
    };
    const failed = (error: unknown): void => {
      may -= 1;
      if (may < needed) reject(error);
    };
    for (const copy of chosen) copy.send(batch, signal).then(took, failed);
  });
}

/** One of the sinks, and how far it is behind. */
class Copy {
  /** Why it gets nothing any more. */
  failed: { readonly error: unknown } | undefined;
  private behind = 0;
  private missed = 0;
  private readonly name: string;
  private readonly sink: LogSink;
  private readonly behindBytes: number;
  private readonly tell: (text: string) => void;

  constructor(name: string, sink: LogSink, behindBytes: number, tell: (text: string) => void) {
    this.name = name;
    this.sink = sink;
    this.behindBytes = behindBytes;
    this.tell = tell;
  }

  hasRoom({ bytes }: SizedBatch): boolean {
    return this.behind === 0 || this.behind + bytes.length <= this.behindBytes;
  }

  miss({ events }: SizedBatch): void {
    if (this.missed === 0) this.tell(`${this.name} is too far behind: new events are left out there`);
    this.missed += events;
  }

  async send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    this.behind += batch.bytes.length;
    try {
      return await this.sink.send(batch, signal);
    } catch (error) {
      if (!signal.aborted && this.failed === undefined) {
        this.failed = { error };
        this.tell(`${error instanceof Error ? error.message : String(error)}; ${this.name} gets no more copies`);
      }
      throw error;
    } finally {
      this.behind -= batch.bytes.length;
      if (this.behind === 0) this.tellMissed();
    }
  }

  async close(): Promise<void> {
    await this.sink.close();
    this.tellMissed();
  }

  private tellMissed(): void {
    if (this.missed > 0)
      this.tell(`${this.name} has caught up: ${this.missed.toLocaleString('en-US')} events are not there`);
    this.missed = 0;
  }
}
