import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BatchQueue, QueuedBatch } from '../../../src/lib/send/batch-queue.ts';
import { boundedQueue, type QueueBounds } from '../../../src/lib/send/bounded-queue.ts';
import { Dropped } from '../../../src/lib/send/dropped.ts';
import { watchLag } from '../../../src/lib/send/lag-watch.ts';
import type { SizedBatch } from '../../../src/lib/send/sink.ts';
import type { Level } from '../../../src/lib/record/level.ts';
import { batchOf } from '../../contracts/sink.ts';
import { keptLetters, textsOf, untilSettled } from './scripted-sink.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
setMaxListeners(0, never);

/** A queue in memory, as far as a bounded one uses it. */
function memoryQueue(): BatchQueue & { readonly waiting: QueuedBatch[]; readonly appended: SizedBatch[] } {
  const waiting: QueuedBatch[] = [];
  const appended: SizedBatch[] = [];
  let bytes = 0;
  return {
    waiting,
    appended,
    async append(batch) {
      appended.push(batch);
      bytes += batch.bytes.length;
      const ids = textsOf(batch);
      waiting.push({ ...batch, ids, queuedAt: Date.now(), done: () => void (bytes -= batch.bytes.length) });
    },
    async *take() {
      while (waiting.length > 0) yield waiting.shift() as QueuedBatch;
    },
    oldest: async () => waiting.shift(),
    depth: () => ({ events: 0, bytes, oldest: undefined }),
    marks: async () => new Map(),
    end: async () => undefined,
    close: async () => undefined,
  };
}

const levelOf = (event: Uint8Array): Level => Buffer.from(event).toString().split(' ')[0] as Level;

function setUp(bounds: Partial<QueueBounds>) {
  const memory = memoryQueue();
  const dropped = new Dropped();
  const told: string[] = [];
  const dead = keptLetters();
  const tools = { name: 'es://one', deadLetters: dead, dropped, levelOf, tell: (text: string) => told.push(text) };
  const queue = boundedQueue(memory, { bytes: 30, ageMs: undefined, whenFull: 'block', ...bounds }, tools);
  const append = (text: string, source?: SizedBatch['source']) =>
    queue.append({ ...batchOf([text]), ...(source === undefined ? {} : { source }) }, never);
  return { memory, queue, dropped, told, append, letters: dead.letters };
}

describe('a bounded queue', () => {
  it('has its sender wait until there is room, in order', async () => {
    const { memory, queue, append, told } = setUp({});
    const sent = ['INFO 000001', 'INFO 000002', 'INFO 000003', 'INFO 4'].map((text) => append(text));
    await vi.advanceTimersByTimeAsync(100);
    expect(memory.appended.flatMap(textsOf)).toEqual(['INFO 000001', 'INFO 000002']);
    for await (const batch of queue.take(never)) {
      batch.done();
      await vi.advanceTimersByTimeAsync(10);
    }
    await Promise.all(sent);
    expect(memory.appended.flatMap(textsOf)).toEqual(['INFO 000001', 'INFO 000002', 'INFO 000003', 'INFO 4']);
    expect(told[0]).toBe('the queue before es://one is full: reading waits');
  });

  it('stops waiting when it is told to', async () => {
    const { queue, append } = setUp({});
    await append('INFO '.padEnd(29, 'x'));
    const stop = new AbortController();
    const sent = queue.append(batchOf(['INFO 2']), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(sent).rejects.toThrow('stopped');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a batch that is larger than all of it', async () => {
    const { memory, append } = setUp({});
    await append('x'.repeat(99));
    expect(memory.appended).toHaveLength(1);
  });

  it('leaves out the newest, and keeps count of levels and of how far sources were read', async () => {
    const { memory, append, dropped } = setUp({ whenFull: 'drop-newest' });
    await append('INFO '.padEnd(25, 'x'));
    const source = { id: 's', from: 0, to: 9 };
    await append('DEBUG 2', source);
    await append('ERROR 3');
    expect(memory.appended.map((batch) => [batch.events, batch.source])).toEqual([
      [1, undefined],
      [0, source],
      [0, undefined],
    ]);
    expect(JSON.stringify(dropped)).toBe('{"queue full":{"DEBUG":1,"ERROR":1}}');
    expect(dropped.total('queue full')).toBe(2);
  });

  it('leaves out the oldest', async () => {
    const { memory, append, dropped, told } = setUp({ whenFull: 'drop-oldest' });
    for (let n = 1; n < 9; n += 1) await append(`INFO ${n}`);
    expect(memory.waiting.flatMap(textsOf)).toEqual(['INFO 5', 'INFO 6', 'INFO 7', 'INFO 8']);
    expect(dropped.total('queue full')).toBe(4);
    expect(told).toEqual(['the queue before es://one is full: the oldest events are left out']);
  });

  it('samples the more the fuller it is, and never from WARN on', async () => {
    const kept = async (fill: number) => {
      const { memory, queue, append } = setUp({ whenFull: 'sample', bytes: 1_000_000 });
      await append('x'.repeat(1_000_000 * fill));
      const texts = Array.from({ length: 2000 }, (_, n) => `${n % 2 === 0 ? 'INFO' : 'WARN'} ${n}`);
      await queue.append(batchOf(texts), never);
      const taken = memory.appended.slice(1).flatMap(textsOf);
      expect(taken.filter((text) => text.startsWith('WARN'))).toHaveLength(1000);
      return taken.filter((text) => text.startsWith('INFO'));
    };
    expect(await kept(0.3)).toHaveLength(1000);
    const some = await kept(0.75);
    expect(some.length).toBeGreaterThan(400);
    expect(some.length).toBeLessThan(600);
    // By the event, not by chance.
    expect(await kept(0.75)).toEqual(some);
    expect((await kept(0.95)).length).toBeLessThan(150);
  });

  it('gives what has waited too long to the dead letters', async () => {
    const { queue, append, letters } = setUp({ ageMs: 60_000 });
    await append('INFO old');
    await vi.advanceTimersByTimeAsync(180_000);
    await append('INFO new');
    const taken: string[] = [];
    for await (const batch of queue.take(never)) taken.push(...textsOf(batch));
    expect(taken).toEqual(['INFO new']);
    expect(letters).toMatchObject([
      { id: 'INFO old', from: 'es://one', reason: 'waited too long in the queue: 3 min' },
    ]);
  });
});

describe('watchLag', () => {
  it('says when consumers begin to lag and when they have caught up, and takes not knowing for no', async () => {
    const lags = [10, 200, 95, 80, 300, new Error('no answer'), new Error('no answer')];
    const changes: boolean[] = [];
    const told: string[] = [];
    let look = 0;
    const stop = watchLag({
      lag: async () => {
        const found = lags[look++] ?? 0;
        if (found instanceof Error) throw found;
        return found;
      },
      threshold: 100,
      everyMs: 1000,
      changed: (lagging) => changes.push(lagging),
      tell: (text) => told.push(text),
    });
    await vi.advanceTimersByTimeAsync(6500);
    stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(look).toBe(7);
    expect(changes).toEqual([true, false, true, false]);
    expect(told.filter((text) => text.includes('cannot learn'))).toHaveLength(1);
    expect(await untilSettled(Promise.resolve(vi.getTimerCount()))).toBe(0);
  });
});
