import { eachEvent } from '../../src/lib/record/events.ts';
import { formatLogId } from '../../src/lib/record/log-id.ts';
import type { SizedBatch, SourceMark } from '../../src/lib/record/batch.ts';
import type { BatchQueue, QueuedBatch } from '../../src/lib/send/batch-queue.ts';

interface Kept {
  readonly batch: SizedBatch & { readonly ids: readonly string[] };
  readonly queuedAt: number;
  given: boolean;
  done: boolean;
}

/** What several opens of one queue share: what a disk would hold. */
export class MemoryDisk {
  readonly kept: Kept[] = [];
  readonly marks = new Map<string, SourceMark>();
  seq = 0;
}

/** The port in as few lines as it takes: what the disk queue is compared with. */
export function memoryQueue(disk: MemoryDisk): BatchQueue {
  let ended = false;
  let closed = false;
  let wake: () => void = () => undefined;
  for (const kept of disk.kept) kept.given = kept.done;
  const left = (): Kept[] => disk.kept.filter(({ done }) => !done);
  const oldest = (): QueuedBatch | undefined => {
    const next = closed ? undefined : disk.kept.find(({ given }) => !given);
    if (next === undefined) return undefined;
    next.given = true;
    const done = (): void => {
      next.done = true;
      wake();
    };
    return { ...next.batch, queuedAt: next.queuedAt, done };
  };
  return {
    async append(batch) {
      disk.seq += 1;
      const { seq } = disk;
      const queuedAt = Date.now();
      const ids: string[] = [];
      eachEvent(batch.bytes, batch.joins, (_start, _end, line) =>
        ids.push(formatLogId(queuedAt, '00000000000a', seq, line)),
      );
      const { source } = batch;
      if (source !== undefined) {
        const { id, from, to, hash } = source;
        const position = (disk.marks.get(id)?.position ?? 0) >= from ? to : 0;
        disk.marks.set(id, { id, position, ...(hash === undefined ? {} : { hash }) });
      }
      if (batch.events > 0)
        disk.kept.push({ batch: { ...batch, ids: batch.ids ?? ids }, queuedAt, given: false, done: false });
      wake();
    },
    async *take(signal) {
      for (;;) {
        if (signal.aborted || closed) return;
        const next = oldest();
        if (next !== undefined) yield next;
        else if (ended && left().length === 0) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
      }
    },
    oldest: async () => oldest(),
    depth: () => ({
      events: left().reduce((sum, { batch }) => sum + batch.events, 0),
      bytes: left().reduce((sum, { batch }) => sum + batch.bytes.length, 0),
      oldest: left()[0]?.queuedAt,
    }),
    marks: async () => disk.marks,
    async end() {
      ended = true;
      wake();
    },
    async close() {
      closed = true;
      wake();
    },
  };
}
