import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { drain } from '../../../src/lib/app/drain.ts';
import { LogsError } from '../../../src/lib/errors.ts';
import { boundedQueue } from '../../../src/lib/send/bounded-queue.ts';
import { Dropped } from '../../../src/lib/send/dropped.ts';
import { queuedSink } from '../../../src/lib/send/queued-sink.ts';
import type { LogSink } from '../../../src/lib/send/sink.ts';
import { batchOf, linesOf } from '../../contracts/batch-queue.ts';
import { MemoryDisk, memoryQueue } from '../../contracts/memory-queue.ts';
import { keptLetters } from './scripted-sink.ts';

function unexpected(text: string): void {
  expect.fail(text);
}

const never = new AbortController().signal;

/** A sink that takes what `accept` lets it. */
function sinkOf(accept: (line: string, signal: AbortSignal) => Promise<void>) {
  const got: string[] = [];
  const closed: string[] = [];
  const sink: LogSink = {
    async send(batch, signal) {
      for (const line of linesOf(batch)) {
        await accept(line, signal);
        got.push(line);
      }
      return { accepted: batch.events, rejected: [] };
    },
    marks: async () => new Map(),
    async close() {
      closed.push('sink');
    },
  };
  return { sink, got, closed };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

it('has taken what is in the queue, and has delivered it when it is closed', async () => {
  const disk = new MemoryDisk();
  const { sink, got, closed } = sinkOf(() => sleep(5));
  const queued = queuedSink(memoryQueue(disk), sink, { name: 'q', stop: never, graceMs: 0, tell: unexpected });
  for (let n = 0; n < 5; n += 1)
    expect(await queued.send(batchOf([`${n}`]), never)).toEqual({ accepted: 1, rejected: [] });
  expect(got.length).toBeLessThan(5);
  await queued.close();
  expect(got).toEqual(['0', '1', '2', '3', '4']);
  expect(closed).toEqual(['sink']);
  expect(disk.kept.every(({ done }) => done)).toBe(true);
});

it('delivers first what another left', async () => {
  const disk = new MemoryDisk();
  await memoryQueue(disk).append(batchOf(['left']));
  const { sink, got } = sinkOf(async () => undefined);
  const queued = queuedSink(memoryQueue(disk), sink, { name: 'q', stop: never, graceMs: 0, tell: unexpected });
  await queued.send(batchOf(['new']), never);
  await queued.close();
  expect(got).toEqual(['left', 'new']);
});

it('stops at the end of the grace, and says what is left and how to send it', async () => {
  const disk = new MemoryDisk();
  const stop = new AbortController();
  const told: string[] = [];
  const { sink, got } = sinkOf((line, signal) => (line === 'stuck' ? aborted(signal) : Promise.resolve()));
  const options = { name: 'q-1', stop: stop.signal, graceMs: 1100, tell: (text: string) => told.push(text) };
  const queued = queuedSink(memoryQueue(disk), sink, options);
  for (const line of ['a', 'stuck', 'b']) await queued.send(batchOf([line]), never);
  stop.abort();
  const began = performance.now();
  await expect(queued.close()).rejects.toMatchObject({
    code: 'UNDELIVERED',
    message: expect.stringMatching(/^1 event is still in the queue q-1$/),
    hint: expect.stringContaining('logs queue drain q-1'),
  });
  expect(performance.now() - began).toBeGreaterThan(1000);
  // A second time changes nothing.
  await expect(queued.close()).rejects.toMatchObject({ code: 'UNDELIVERED' });
  expect(told).toEqual([
    expect.stringContaining('still in the queue q-1: delivering for up to 1.1 s'),
    expect.stringContaining('1 event is still in the queue q-1; nothing is lost'),
  ]);
  expect(got).toEqual(['a', 'b']);
  expect(disk.kept.filter(({ done }) => !done).map(({ batch }) => linesOf(batch))).toEqual([['stuck']]);
});

it('ends with what the sink ends with; the rest stays in the queue', async () => {
  const disk = new MemoryDisk();
  const denied = new LogsError('REMOTE_DENIED', 'kafka://one: wrong password');
  const { sink, closed } = sinkOf(() => Promise.reject(denied));
  const told: string[] = [];
  const tell = (text: string) => void told.push(text);
  const queued = queuedSink(memoryQueue(disk), sink, { name: 'q', stop: never, graceMs: 0, tell });
  await queued.send(batchOf(['a']), never);
  await sleep(10);
  await expect(queued.send(batchOf(['b']), never)).rejects.toBe(denied);
  await expect(queued.close()).rejects.toBe(denied);
  expect(told).toEqual([
    expect.stringMatching(/^1 event is still in the queue q; nothing is lost: `logs queue drain q`/),
  ]);
  expect(closed).toEqual(['sink']);
  expect(disk.kept.map(({ done }) => done)).toEqual([false]);
});

it('does not wait for room that nobody makes', async () => {
  const denied = new LogsError('REMOTE_DENIED', 'kafka://one: wrong password');
  const { sink } = sinkOf(() => sleep(20).then(() => Promise.reject(denied)));
  const tools = {
    ...{ name: 'q', deadLetters: keptLetters(), dropped: new Dropped(), tell: () => undefined },
    levelOf: () => 'INFO' as const,
  };
  const bounds = { bytes: 10, ageMs: undefined, whenFull: 'block' as const };
  const queue = boundedQueue(memoryQueue(new MemoryDisk()), bounds, tools);
  const queued = queuedSink(queue, sink, { name: 'q', stop: never, graceMs: 0, tell: () => undefined });
  await queued.send(batchOf(['123456789']), never);
  await expect(queued.send(batchOf(['b']), never)).rejects.toBe(denied);
  await expect(queued.close()).rejects.toBe(denied);
});

it('counts the grace from when it is told to stop, not from when it is closed', async () => {
  const stop = new AbortController();
  const { sink } = sinkOf((_line, signal) => aborted(signal));
  const options = { name: 'q', stop: stop.signal, graceMs: 500, tell: () => undefined };
  const queued = queuedSink(memoryQueue(new MemoryDisk()), sink, options);
  await queued.send(batchOf(['a']), never);
  stop.abort();
  await sleep(400);
  const began = performance.now();
  await expect(queued.close()).rejects.toMatchObject({ code: 'UNDELIVERED' });
  expect(performance.now() - began).toBeLessThan(300);
});

it('drains: says how many were sent and how many are left', async () => {
  const disk = new MemoryDisk();
  for (const line of ['a', 'stuck', 'b']) await memoryQueue(disk).append(batchOf([line]));
  const { sink } = sinkOf((line, signal) => (line === 'stuck' ? aborted(signal) : Promise.resolve()));
  const options = { name: 'q', delivered: sink };
  expect(await drain({ ...options, queue: memoryQueue(disk) }, AbortSignal.timeout(50))).toEqual({
    sent: 2,
    refused: 0,
    left: 1,
  });
  const { sink: open } = sinkOf(async () => undefined);
  expect(await drain({ ...options, delivered: open, queue: memoryQueue(disk) }, never)).toEqual({
    sent: 1,
    refused: 0,
    left: 0,
  });
});

it('drains: says what ended it, and what is left then', async () => {
  const disk = new MemoryDisk();
  await memoryQueue(disk).append(batchOf(['a', 'b']));
  const denied = new LogsError('REMOTE_DENIED', 'kafka://one: wrong password');
  const { sink } = sinkOf(() => Promise.reject(denied));
  const drained = await drain({ name: 'q', delivered: sink, queue: memoryQueue(disk) }, never);
  expect(drained).toEqual({ sent: 0, refused: 0, left: 2, failed: denied });
});
