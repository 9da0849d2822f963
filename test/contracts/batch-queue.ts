import { describe, expect, it } from 'vitest';
import { formatLogId, parseLogId } from '../../src/lib/record/log-id.ts';
import type { SizedBatch, SourceRange } from '../../src/lib/record/batch.ts';
import type { BatchQueue, QueuedBatch } from '../../src/lib/send/batch-queue.ts';

/** A batch of these lines, each an event. */
export function batchOf(lines: readonly string[], more: Partial<SizedBatch> = {}): SizedBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { bytes, lines: lines.length, events: lines.length, context: { service: 'queue' }, ...more };
}

export function linesOf(batch: SizedBatch): string[] {
  return Buffer.from(batch.bytes).toString('utf8').split('\n').slice(0, -1);
}

const never = new AbortController().signal;

/** Takes batches until so many are there, or none is left. */
export async function takeSome(queue: BatchQueue, count: number, signal = never): Promise<QueuedBatch[]> {
  const taken: QueuedBatch[] = [];
  for await (const batch of queue.take(signal)) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

/** What every queue must do. `open` gives the queue of the test at hand, as another process would find it. */
export function batchQueueContract(name: string, prepare: () => () => Promise<BatchQueue>): void {
  describe(`${name} is a queue of batches`, () => {
    it('gives what was appended: bytes, context, lines of events, source, in order', async () => {
      const queue = await prepare()();
      const source = { id: 's', from: 0, to: 7, hash: 'ab' };
      await queue.append(batchOf(['a', 'b'], { source }));
      await queue.append(
        batchOf(['c', ' d', 'e'], { joins: [2, 1], events: 2, context: { file: 'x', fields: { k: 'v' } } }),
      );
      const [one, two] = await takeSome(queue, 2);
      expect(one).toMatchObject({ lines: 2, events: 2, context: { service: 'queue' }, source });
      expect(linesOf(one as QueuedBatch)).toEqual(['a', 'b']);
      expect(two).toMatchObject({ lines: 3, events: 2, joins: [2, 1], context: { file: 'x', fields: { k: 'v' } } });
      expect(Date.now() - (two?.queuedAt ?? 0)).toBeLessThan(10_000);
      await queue.close();
    });

    it('mints an id for each event, rising, and keeps those that events came with', async () => {
      const queue = await prepare()();
      const ids = [7, 8, 9, 100].map((line) => formatLogId(1_700_000_000_000, 'abcdefabcdef', 3, line));
      await queue.append(batchOf(['a', '', 'b'], { events: 2 }));
      await queue.append(batchOf(['c', 'd', 'e', 'f'], { ids }));
      const [minted, came] = await takeSome(queue, 2);
      expect(minted?.ids.length).toBe(2);
      expect(minted?.ids.map((id) => parseLogId(id)?.line)).toEqual([0, 2]);
      expect(came?.ids).toEqual(ids);
      await queue.close();
    });

    it('keeps where each message came from, for the next process too', async () => {
      const open = prepare();
      const first = await open();
      const offsets = ['7', '8', '12', '13', '14'];
      const source = { id: 'kafka:c/t/3', from: 7, to: 15 };
      const origin = (event: number) => ({ topic: 't', partition: '3', offset: offsets[event] as string });
      await first.append(batchOf(['a', 'b', 'c', 'd', 'e'], { source, origin }));
      await first.close();
      const second = await open();
      const [batch] = await takeSome(second, 1);
      expect(offsets.map((_, event) => batch?.origin?.(event))).toEqual(offsets.map((_, event) => origin(event)));
      await second.close();
    });

    it('gives what is not done again to the next process, under the same ids, in order', async () => {
      const open = prepare();
      const first = await open();
      for (const line of ['a', 'b', 'c', 'd']) await first.append(batchOf([line]));
      const taken = await takeSome(first, 3);
      taken[0]?.done();
      await first.close();
      const second = await open();
      expect(second.depth().events).toBe(3);
      await second.append(batchOf(['e']));
      const again = await takeSome(second, 4);
      expect(again.flatMap(linesOf)).toEqual(['b', 'c', 'd', 'e']);
      expect(again[0]?.ids).toEqual(taken[1]?.ids);
      for (const batch of again) batch.done();
      await second.end();
      expect(await takeSome(second, 1)).toEqual([]);
      await second.close();
      const third = await open();
      expect(third.depth()).toEqual({ events: 0, bytes: 0, oldest: undefined });
      await third.close();
    });

    it('waits for what is appended, and ends when it was told so and all is done, in whatever order', async () => {
      const queue = await prepare()();
      const taking = takeSome(queue, 3);
      for (const line of ['a', 'b', 'c']) await queue.append(batchOf([line]));
      const [a, b, c] = await taking;
      expect(queue.depth().events).toBe(3);
      expect(queue.depth().oldest).toBe(a?.queuedAt);
      const rest = takeSome(queue, 1);
      await queue.end();
      c?.done();
      a?.done();
      expect(queue.depth().events).toBe(1);
      b?.done();
      b?.done();
      expect(await rest).toEqual([]);
      expect(queue.depth()).toEqual({ events: 0, bytes: 0, oldest: undefined });
      await queue.close();
    });

    it('ends by the signal, soon', async () => {
      const queue = await prepare()();
      const stop = new AbortController();
      const taking = takeSome(queue, 1, stop.signal);
      setTimeout(() => stop.abort(), 20);
      expect(await taking).toEqual([]);
      await queue.close();
    });

    it('gives up the oldest batch to whoever drops it, once', async () => {
      const queue = await prepare()();
      for (const line of ['a', 'b']) await queue.append(batchOf([line]));
      const dropped = await queue.oldest();
      expect(linesOf(dropped as QueuedBatch)).toEqual(['a']);
      dropped?.done();
      expect((await takeSome(queue, 1)).flatMap(linesOf)).toEqual(['b']);
      expect(await queue.oldest()).toBeUndefined();
      await queue.close();
    });

    it('knows how far sources were taken in, after their events are gone too', async () => {
      const open = prepare();
      const first = await open();
      const range = (from: number, to: number): SourceRange => ({ id: '1-2-3', from, to, hash: `h${to}` });
      await first.append(batchOf(['a'], { source: range(0, 2) }));
      await first.append(batchOf(['b'], { source: range(2, 4) }));
      expect((await first.marks()).get('1-2-3')).toEqual({ id: '1-2-3', position: 4, hash: 'h4' });
      for (const batch of await takeSome(first, 2)) batch.done();
      await first.close();
      const second = await open();
      expect((await second.marks()).get('1-2-3')).toEqual({ id: '1-2-3', position: 4, hash: 'h4' });
      await second.append(batchOf(['c'], { source: range(4, 6) }));
      await second.close();
      const third = await open();
      expect((await third.marks()).get('1-2-3')).toEqual({ id: '1-2-3', position: 6, hash: 'h6' });
      await third.close();
    });

    it('takes a batch without events for what it says of its source', async () => {
      const queue = await prepare()();
      await queue.append(batchOf([''], { events: 0, source: { id: 's', from: 0, to: 1, hash: 'x' } }));
      await queue.append(batchOf(['a'], { source: { id: 's', from: 1, to: 3, hash: 'y' } }));
      const [only] = await takeSome(queue, 1);
      expect(linesOf(only as QueuedBatch)).toEqual(['a']);
      expect((await queue.marks()).get('s')).toEqual({ id: 's', position: 3, hash: 'y' });
      only?.done();
      await queue.end();
      expect(await takeSome(queue, 1)).toEqual([]);
      await queue.close();
    });
  });
}
