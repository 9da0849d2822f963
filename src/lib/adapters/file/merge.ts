import { LogsError } from '../../errors.ts';
import type { LogRecord } from '../../record/record.ts';
import type { OrderedSource } from './ordered-source.ts';

/** Records given at once. */
const BATCH = 500;
/** Files open at once, where the system allows so many. */
const MOST_OPEN = 128;

/**
 * The records of all sources in order of time; of equal times those of the first source come first. A source is opened
 * when its time has come. Where more are needed at once than may be open, the one not read for longest is closed and
 * opened again where it was left.
 */
export async function* merged(sources: readonly OrderedSource[]): AsyncGenerator<readonly LogRecord[]> {
  const queue = [...sources];
  for (let at = (queue.length >> 1) - 1; at >= 0; at--) sink(queue, at);
  const open = new OpenSources();
  let batch: LogRecord[] = [];
  try {
    for (let least = queue[0]; least !== undefined; least = queue[0]) {
      if (least.record === undefined) {
        // It may take long, or be a pipe that pauses.
        if (batch.length > 0) yield batch;
        batch = [];
        await open.refill(least);
        if (least.done) dropLeast(queue);
      } else {
        takeUntil(least, soonerOf(queue[1], queue[2]), batch);
      }
      sink(queue, 0);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    for (const source of sources) await source.park();
  }
}

function takeUntil(source: OrderedSource, bound: OrderedSource | undefined, into: LogRecord[]): void {
  for (let record = source.record; record !== undefined; record = source.record) {
    if (into.length >= BATCH || (bound !== undefined && isBefore(bound, source))) return;
    into.push(record);
    source.take();
  }
}

/** The sources that are open, the one not read for longest first. */
class OpenSources {
  private readonly open = new Set<OrderedSource>();
  private most = MOST_OPEN;

  /** Reads on in a source, and closes others where it has to be opened and too many are. */
  async refill(source: OrderedSource): Promise<void> {
    this.open.delete(source);
    for (;;) {
      if (!source.isOpen) await this.leave(this.most - 1);
      try {
        await source.refill();
        break;
      } catch (error) {
        if (!(error instanceof LogsError) || error.code !== 'TOO_MANY_FILES') throw error;
        const before = this.open.size;
        // Some stay free for what else has to be opened meanwhile.
        this.most = Math.max(1, Math.floor(before * 0.75));
        await this.leave(this.most - 1);
        if (this.open.size === before) throw error;
      }
    }
    if (source.isOpen) this.open.add(source);
  }

  private async leave(count: number): Promise<void> {
    for (const source of this.open) {
      if (this.open.size <= count) return;
      if (!source.canPark) continue;
      await source.park();
      this.open.delete(source);
    }
  }
}

function isBefore(a: OrderedSource, b: OrderedSource): boolean {
  return a.at === b.at ? a.place < b.place : a.at < b.at;
}

function soonerOf(a: OrderedSource | undefined, b: OrderedSource | undefined): OrderedSource | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isBefore(b, a) ? b : a;
}

/** Puts the source at `at` of a binary heap, whose time has grown, where it belongs. */
function sink(heap: OrderedSource[], at: number): void {
  for (let parent = at; ; ) {
    const left = parent * 2 + 1;
    const right = left + 1;
    let least = parent;
    for (const child of [left, right]) {
      const [a, b] = [heap[child], heap[least]];
      if (a !== undefined && b !== undefined && isBefore(a, b)) least = child;
    }
    if (least === parent) return;
    const moved = heap[parent] as OrderedSource;
    heap[parent] = heap[least] as OrderedSource;
    heap[least] = moved;
    parent = least;
  }
}

function dropLeast(heap: OrderedSource[]): void {
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) heap[0] = last;
}
