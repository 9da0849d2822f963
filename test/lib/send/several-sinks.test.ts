import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { deliver } from '../../../src/lib/send/deliver.ts';
import { failover } from '../../../src/lib/send/failover.ts';
import { replicate } from '../../../src/lib/send/replicate.ts';
import { route } from '../../../src/lib/send/route.ts';
import type { SizedBatch } from '../../../src/lib/send/sink.ts';
import { batchOf } from '../../contracts/sink.ts';
import { away, keptLetters, scriptedSink, textsOf, untilSettled } from './scripted-sink.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
setMaxListeners(0, never);

describe('failover', () => {
  it('uses the next while the first is away, and the first again when it is back', async () => {
    const told: string[] = [];
    let down = false;
    const one = scriptedSink(() => (down ? { error: away() } : {}), {}, 'fake://one');
    one.check = async () => {
      if (down) throw away();
    };
    const two = scriptedSink(() => ({}), { events: 10, bytes: 99 }, 'fake://two');
    const sink = failover([one, two], (text) => told.push(text), { probeMs: 1000 });
    expect(sink.name).toBe('fake://one, fake://two');
    expect(sink.limits).toEqual({ events: 10, bytes: 99, inFlight: 1 });
    const send = (text: string) => untilSettled(sink.send(batchOf([text]), never));
    await send('a');
    down = true;
    await send('b');
    await send('c');
    expect(one.calls).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    await send('d');
    down = false;
    await vi.advanceTimersByTimeAsync(1000);
    await send('e');
    await send('f');
    expect(one.accepted).toEqual(['a', 'f']);
    expect(two.accepted).toEqual(['b', 'c', 'd', 'e']);
    expect(told).toEqual([
      'fake://sink does not answer: connection refused; going on with fake://two',
      'fake://one is back',
    ]);
  });

  it('leaves what is the batch’s own fault to whoever delivers to it', async () => {
    const tooLarge = new LogsError('TOO_LARGE', 'too large');
    const one = scriptedSink((batch) => (batch.events > 1 ? { error: tooLarge } : {}));
    const two = scriptedSink(() => ({}));
    const delivery = deliver(
      failover([one, two], () => undefined),
      { deadLetters: keptLetters(), tell: () => undefined },
    );
    await untilSettled(delivery.send(batchOf(['a', 'b']), never));
    expect(one.accepted).toEqual(['a', 'b']);
    expect(two.calls).toHaveLength(0);
  });

  it('fails where all do, so that it can be tried again', async () => {
    let down = true;
    const one = scriptedSink(() => ({ error: new LogsError('REMOTE_DENIED', 'no') }));
    const two = scriptedSink(() => (down ? { error: away() } : {}));
    const delivery = deliver(
      failover([one, two], () => undefined),
      { deadLetters: keptLetters(), tell: () => undefined },
    );
    const sent = delivery.send(batchOf(['a']), never);
    await vi.advanceTimersByTimeAsync(60_000);
    down = false;
    expect((await untilSettled(sent)).accepted).toBe(1);
    expect(two.accepted).toEqual(['a']);
  });

  it('is checked where one of them is', async () => {
    const told: string[] = [];
    const one = scriptedSink(() => ({}));
    one.check = () => Promise.reject(away());
    const two = scriptedSink(() => ({}), {}, 'fake://two');
    await failover([one, two], (text) => told.push(text)).check(never);
    expect(told).toEqual(['fake://sink does not answer: connection refused; going on with fake://two']);
    await expect(failover([one], () => undefined).check(never)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('replicate', () => {
  const settings = { copies: 2, behindBytes: 10 };
  function setUp(answers: readonly (() => { afterMs?: number; error?: Error; rejected?: number[] })[]) {
    const told: string[] = [];
    const sinks = answers.map((answer, at) => scriptedSink(answer, { inFlight: 9 }, `fake://${at}`));
    const named = sinks.map((sink) => ({ name: sink.name, sink }));
    return { sinks, told, sink: replicate(named, settings, (text) => told.push(text)) };
  }

  it('acknowledges when enough have it, under the same ids, and gives the others theirs', async () => {
    const { sink, sinks } = setUp([() => ({ afterMs: 10 }), () => ({ afterMs: 500 }), () => ({ afterMs: 20 })]);
    const began = performance.now();
    expect(await untilSettled(sink.send(batchOf(['a', 'b']), never))).toEqual({ accepted: 2, rejected: [] });
    expect(performance.now() - began).toBeLessThan(100);
    await vi.advanceTimersByTimeAsync(500);
    expect(sinks.map(({ accepted }) => accepted)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(new Set(sinks.map(({ calls }) => calls[0]?.ids?.join())).size).toBe(1);
  });

  it('leaves events out where one is too far behind, and says how many', async () => {
    const { sink, sinks, told } = setUp([() => ({}), () => ({}), () => ({ afterMs: 1000 })]);
    for (const text of ['aaaa', 'bbbb', 'cccc']) await untilSettled(sink.send(batchOf([text]), never));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sinks[2]?.accepted).toEqual(['aaaa', 'bbbb']);
    expect(told).toEqual([
      'fake://2 is too far behind: new events are left out there',
      'fake://2 has caught up: 1 events are not there',
    ]);
  });

  it('waits for one that is behind where it takes part in what is needed', async () => {
    const { sink, sinks } = setUp([() => ({}), () => ({ afterMs: 1000 })]);
    const sent = Promise.all(['aaaa', 'bbbb', 'cccc'].map((text) => sink.send(batchOf([text]), never)));
    await untilSettled(sent);
    expect(sinks[1]?.accepted).toEqual(['aaaa', 'bbbb', 'cccc']);
  });

  it('goes on without one that fails for good, and fails when there are not enough', async () => {
    const denied = new LogsError('REMOTE_DENIED', 'no entry');
    let second = false;
    const { sink, told } = setUp([() => ({}), () => ({ error: denied }), () => (second ? { error: denied } : {})]);
    expect((await untilSettled(sink.send(batchOf(['a']), never))).accepted).toBe(1);
    expect(told).toEqual(['no entry; fake://1 gets no more copies']);
    second = true;
    await expect(untilSettled(sink.send(batchOf(['b']), never))).rejects.toBe(denied);
    await expect(untilSettled(sink.send(batchOf(['c']), never))).rejects.toBe(denied);
  });

  it('goes on where the one that has the least went on', async () => {
    const one = scriptedSink(() => ({}));
    const two = scriptedSink(() => ({}));
    one.marks = async () =>
      new Map([
        ['f', { id: 'f', position: 9 }],
        ['g', { id: 'g', position: 1 }],
      ]);
    two.marks = async () => new Map([['f', { id: 'f', position: 4, hash: 'h' }]]);
    const sink = replicate(
      [
        { name: '1', sink: one },
        { name: '2', sink: two },
      ],
      settings,
      () => undefined,
    );
    expect([...(await sink.marks()).values()]).toEqual([{ id: 'f', position: 4, hash: 'h' }]);
  });
});

describe('route to some that keep positions', () => {
  const source = (from: number) => ({ id: 's', from, to: from + 1 });

  it('has them keep one only when the others have accepted, in order', async () => {
    const order: string[] = [];
    const sinkOf = (name: string, afterMs: (call: number) => number) =>
      scriptedSink((batch, call) => {
        order.push(`${name} ${textsOf(batch).join()}`);
        return { afterMs: afterMs(call) };
      });
    const file = sinkOf('file', (call) => (call === 1 ? 50 : 1));
    const queue = sinkOf('queue', () => 1);
    const sink = route([file, queue], (event) => (event.toString().startsWith('q') ? [1] : [0, 1]), [queue]);
    const sent = ['a', 'q', 'b'].map((text, at) => sink.send({ ...batchOf([text]), source: source(at) }, never));
    await vi.advanceTimersByTimeAsync(20);
    expect(order.filter((each) => each.startsWith('queue'))).toEqual([]);
    await untilSettled(Promise.all(sent));
    expect(queue.accepted).toEqual(['a', 'q', 'b']);
  });

  it('has them keep nothing behind what another failed to take', async () => {
    const full = new LogsError('NO_SPACE', 'full');
    const file = scriptedSink((_batch, call) => (call === 1 ? { error: full } : {}));
    const queue = scriptedSink(() => ({}));
    const sink = route([file, queue], () => [0, 1], [queue]);
    const sent = ['a', 'b'].map((text, at) => sink.send({ ...batchOf([text]), source: source(at) }, never));
    const ends = await untilSettled(Promise.allSettled(sent));
    expect(ends).toEqual([
      { status: 'rejected', reason: full },
      { status: 'rejected', reason: full },
    ]);
    expect(queue.calls).toEqual([]);
  });
});

describe('route', () => {
  const byLetter = (event: Uint8Array) => {
    const text = Buffer.from(event).toString();
    return text.startsWith('both') ? [0, 1] : text.startsWith('a') ? [0] : text.startsWith('b') ? [1] : [];
  };

  it('parts batches by where events go, and numbers what is refused as they were', async () => {
    const one = scriptedSink(() => ({}));
    const two = scriptedSink((batch) => ({ rejected: [batch.events - 1] }));
    const sink = route([one, two], byLetter);
    const batch: SizedBatch = { ...batchOf(['a1', 'b1', 'none', 'both', 'b2']), source: { id: 's', from: 0, to: 9 } };
    const result = await untilSettled(sink.send(batch, never));
    expect(result).toEqual({ accepted: 4, rejected: [{ event: 4, reason: 'it is bad' }] });
    expect(one.accepted).toEqual(['a1', 'both']);
    expect(two.accepted).toEqual(['b1', 'both']);
    expect(one.calls[0]?.ids?.[1]).toBe(two.calls[0]?.ids?.[1]);
    expect([one, two].map(({ calls }) => calls[0]?.source)).toEqual([batch.source, batch.source]);
  });

  it('sends a batch that goes one way as it is', async () => {
    const one = scriptedSink(() => ({}));
    const two = scriptedSink(() => ({}));
    const sink = route([one, two], byLetter);
    const batch = batchOf(['a1', 'a2']);
    await untilSettled(sink.send(batch, never));
    expect(one.calls[0]).toBe(batch);
    expect(two.calls).toHaveLength(0);
  });

  it('tells a sink of ranges that hold nothing for it', async () => {
    const one = scriptedSink(() => ({}));
    const two = scriptedSink(() => ({}));
    const source = { id: 's', from: 0, to: 9 };
    await untilSettled(route([one, two], byLetter).send({ ...batchOf(['a1', 'a2']), source }, never));
    expect(two.calls.map((batch) => [batch.events, batch.source, textsOf(batch)])).toEqual([[0, source, []]]);
  });

  it('is acknowledged when all it went to have it', async () => {
    const one = scriptedSink(() => ({}));
    const two = scriptedSink(() => ({ error: away() }));
    const sink = route([one, two], byLetter);
    await expect(untilSettled(sink.send(batchOf(['both']), never))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect((await untilSettled(sink.send(batchOf(['a']), never))).accepted).toBe(1);
  });
});
