import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { drain } from '../../../src/lib/app/drain.ts';
import { LogsError } from '../../../src/lib/errors.ts';
import { queuedSink } from '../../../src/lib/send/queued-sink.ts';
import type { LogSink } from '../../../src/lib/send/sink.ts';
import { batchOf, linesOf } from '../../contracts/batch-queue.ts';
import { MemoryDisk, memoryQueue } from '../../contracts/memory-queue.ts';

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
  const queued = queuedSink(memoryQueue(disk), sink, { name: 'q', stop: never, graceMs: 0, tell: unexpected });
  await queued.send(batchOf(['a']), never);
  await sleep(10);
  await expect(queued.send(batchOf(['b']), never)).rejects.toBe(denied);
  await expect(queued.close()).rejects.toBe(denied);
  expect(closed).toEqual(['sink']);
  expect(disk.kept.map(({ done }) => done)).toEqual([false]);
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
