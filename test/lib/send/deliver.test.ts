import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { deliver, DELIVERY_SETTINGS } from '../../../src/lib/send/deliver.ts';
import { batchOf } from '../../contracts/sink.ts';
import { type Answer, away, keptLetters, scriptedSink, textsOf, untilSettled } from './scripted-sink.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
setMaxListeners(0, never);

function setUp(
  answer: (call: number, events: readonly string[]) => Answer,
  limits: { inFlight?: number } = {},
  settings = DELIVERY_SETTINGS,
) {
  const sink = scriptedSink((batch, call) => answer(call, textsOf(batch)), limits);
  const deadLetters = keptLetters();
  const told: string[] = [];
  const delivery = deliver(sink, { deadLetters, tell: (text) => told.push(text) }, settings);
  return { sink, letters: deadLetters.letters, told, delivery };
}

describe('deliver', () => {
  it('sends again only what is to be sent again, under the same ids', async () => {
    const { sink, delivery } = setUp((call) => (call === 1 ? { retry: [2, 0] } : {}));
    const result = await untilSettled(delivery.send(batchOf(['a', 'b', 'c', 'd']), never));
    expect(result).toEqual({ accepted: 4, rejected: [] });
    expect(sink.calls.map(textsOf)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'c'],
    ]);
    const [first, second] = sink.calls.map(({ ids }) => ids);
    expect(second).toEqual([first?.[0], first?.[2]]);
    expect(new Set(first).size).toBe(4);
  });

  it('puts what is refused into the dead letters, with all that is known of it, before it resolves', async () => {
    const { letters, delivery, told } = setUp(() => ({ rejected: [1] }));
    const batch = {
      ...batchOf(['a', 'b']),
      ids: ['one', 'two'],
      context: { service: 'shop' },
      origin: (event: number) => ({ topic: 't', offset: String(event) }),
    };
    const result = await untilSettled(delivery.send(batch, never));
    expect(result).toEqual({ accepted: 1, rejected: [{ event: 1, reason: 'it is bad' }] });
    expect(letters).toEqual([
      {
        bytes: Buffer.from('b'),
        context: { service: 'shop' },
        id: 'two',
        from: 'fake://sink',
        reason: 'it is bad',
        origin: { topic: 't', offset: '1' },
      },
    ]);
    expect(told).toEqual([expect.stringContaining('fake://sink refused an event: it is bad')]);
  });

  it('numbers what is refused as the batch has it, also when it was refused at a second attempt', async () => {
    const { delivery, letters } = setUp((call) => (call === 1 ? { retry: [1, 3], rejected: [0] } : { rejected: [1] }));
    const result = await untilSettled(delivery.send(batchOf(['a', 'b', 'c', 'd']), never));
    expect(result.rejected.map(({ event }) => event)).toEqual([0, 3]);
    expect(letters.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['a', 'd']);
  });

  it('halves what is too large until a single event is left over, and remembers the size', async () => {
    const tooLarge = new LogsError('TOO_LARGE', 'too large');
    const { sink, delivery, letters } = setUp((_, events) => (events.join('').length > 9 ? { error: tooLarge } : {}));
    const events = ['a', 'b'.repeat(10), 'c', 'd', 'e', 'f'];
    const result = await untilSettled(delivery.send(batchOf(events), never));
    expect(sink.accepted).toEqual(['a', 'c', 'd', 'e', 'f']);
    expect(result).toEqual({ accepted: 5, rejected: [{ event: 1, reason: 'too large' }] });
    expect(letters).toHaveLength(1);
    const before = sink.calls.length;
    await untilSettled(delivery.send(batchOf(['g'.repeat(6), 'h'.repeat(6)]), never));
    // Never sent whole: a batch of that size was too large before.
    expect(sink.calls.slice(before).map(textsOf)).toEqual([['gggggg'], ['hhhhhh']]);
  });

  it('keeps the order of calls where one batch at a time is taken, retries included', async () => {
    const { sink, delivery } = setUp((call) =>
      call === 1 ? { error: away() } : call === 2 ? { retry: [1] } : call % 2 === 0 ? { error: away() } : {},
    );
    const sent = ['a', 'b', 'c'].map((name) => delivery.send(batchOf([`${name}1`, `${name}2`]), never));
    await untilSettled(Promise.all(sent));
    expect(sink.accepted).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  });

  it('goes on for ever while the sink is away, tells it once, and once that it is back', async () => {
    const until = 10 * 60_000;
    const began = performance.now();
    const { sink, delivery, told } = setUp(() => (performance.now() - began < until ? { error: away() } : {}), {
      inFlight: 8,
    });
    const sent = Array.from({ length: 20 }, (_, i) => delivery.send(batchOf([`${i}`, `${i}'`]), never));
    await vi.advanceTimersByTimeAsync(until - 1000);
    expect(told).toEqual(['fake://sink does not answer: connection refused; 40 events wait, trying again']);
    // One at a time, every 15 s on average.
    expect(sink.calls.length).toBeLessThan(100);
    expect(sink.accepted).toEqual([]);
    await untilSettled(Promise.all(sent));
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/^fake:\/\/sink is back after (9|10) min$/);
    expect(sink.accepted).toHaveLength(40);
  });

  it('waits as long as it is asked to', async () => {
    const busy = new LogsError('REMOTE_BUSY', 'busy', { retryAfterMs: 20_000 });
    const { sink, delivery } = setUp((call) => (call === 1 ? { error: busy } : {}));
    const sent = delivery.send(batchOf(['a']), never);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(sink.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await sent).toEqual({ accepted: 1, rejected: [] });
  });

  it('gives up after so many attempts where it is told to: dead letters with the reason', async () => {
    const { sink, delivery, letters } = setUp(() => ({ error: away() }), {}, { ...DELIVERY_SETTINGS, attempts: 3 });
    const result = await untilSettled(delivery.send(batchOf(['a', 'b']), never));
    expect(result.accepted).toBe(0);
    expect(sink.calls).toHaveLength(3);
    expect(letters.map(({ reason }) => reason)[0]).toBe(
      'given up after 3 attempts: fake://sink does not answer: connection refused',
    );
  });

  it('ends with what can never be mended, for every later batch too', async () => {
    const denied = new LogsError('REMOTE_DENIED', 'not allowed');
    const { sink, delivery } = setUp((call) => (call === 1 ? { error: denied } : {}));
    const first = delivery.send(batchOf(['a']), never);
    const second = delivery.send(batchOf(['b']), never);
    await expect(untilSettled(first)).rejects.toBe(denied);
    await expect(untilSettled(second)).rejects.toBe(denied);
    expect(sink.accepted).toEqual([]);
  });

  it('does not wait for a sink that is away when it is told to stop', async () => {
    const stop = new AbortController();
    const { delivery } = setUp(() => ({ error: away() }));
    const sent = [delivery.send(batchOf(['a']), stop.signal), delivery.send(batchOf(['b']), stop.signal)];
    const over = Promise.allSettled(sent);
    await vi.advanceTimersByTimeAsync(60_000);
    const reason = new LogsError('INTERRUPTED', 'interrupted');
    stop.abort(reason);
    expect(await over).toEqual(sent.map(() => ({ status: 'rejected', reason })));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds an event back while its dead letter has no room', async () => {
    const sink = scriptedSink(() => ({ rejected: [0] }));
    const kept = keptLetters();
    let full = true;
    const put: typeof kept.put = (letters) =>
      full ? Promise.reject(new LogsError('NO_SPACE', 'no space left')) : kept.put(letters);
    const delivery = deliver(sink, { deadLetters: { ...kept, put }, tell: () => undefined });
    let over = false;
    const sent = delivery.send(batchOf(['a']), never).finally(() => (over = true));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(over).toBe(false);
    full = false;
    expect((await untilSettled(sent)).rejected).toHaveLength(1);
    expect(kept.letters).toHaveLength(1);
  });

  it('is a failure where a sink does not answer for every event', async () => {
    const sink = { ...scriptedSink(() => ({})), send: async () => ({ accepted: 1, rejected: [] }) };
    const delivery = deliver(sink, { deadLetters: keptLetters(), tell: () => undefined });
    await expect(untilSettled(delivery.send(batchOf(['a', 'b']), never))).rejects.toThrow(
      'fake://sink answered for 1 of 2 events',
    );
  });

  it('closes the sink when what was sent is over', async () => {
    const { sink, delivery } = setUp((call) => (call < 4 ? { error: away() } : {}));
    const sent = delivery.send(batchOf(['a']), never);
    await untilSettled(delivery.close());
    expect(sink.closed).toBe(true);
    expect((await sent).accepted).toBe(1);
  });
});

/** What a sink does at a call, as numbers that a property can shrink. */
const answers = fc.array(
  fc.record({
    kind: fc.constantFrom('items', 'away', 'busy', 'failed', 'large'),
    seed: fc.integer({ min: 0, max: 0xffff }),
    afterMs: fc.integer({ min: 1, max: 50 }),
  }),
  { maxLength: 40 },
);

function answerOf(how: { kind: string; seed: number; afterMs: number } | undefined, events: number): Answer {
  if (how === undefined) return {};
  const { kind, seed, afterMs } = how;
  if (kind === 'away') return { error: away(), afterMs };
  if (kind === 'busy') return { error: new LogsError('REMOTE_BUSY', 'busy', { retryAfterMs: seed % 5000 }), afterMs };
  if (kind === 'failed') return { error: new LogsError('REMOTE_FAILED', 'failed'), afterMs };
  if (kind === 'large') return { error: new LogsError('TOO_LARGE', 'too large'), afterMs };
  const digits = Array.from({ length: events }, (_, event) => (seed >> (2 * (event % 8))) & 3);
  const those = (digit: number): number[] => digits.flatMap((found, event) => (found === digit ? [event] : []));
  return { rejected: those(1), retry: those(2), afterMs };
}

describe('deliver, whatever a sink answers', () => {
  const batches = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

  for (const inFlight of [1, 4]) {
    it(`ends with every event accepted or dead, once; in flight ${inFlight}`, async () => {
      await fc.assert(
        fc.asyncProperty(batches, answers, async (sizes, script) => {
          const { sink, delivery, letters } = setUp((call, events) => answerOf(script[call - 1], events.length), {
            inFlight,
          });
          const all = sizes.map((size, at) => Array.from({ length: size }, (_, event) => `${at}.${event}`));
          const sent = all.map((events) => delivery.send(batchOf(events), never));
          const results = await untilSettled(Promise.all(sent));
          const dead = letters.map(({ bytes }) => Buffer.from(bytes).toString());
          expect([...sink.accepted, ...dead].sort()).toEqual(all.flat().sort());
          expect(results.map(({ accepted, rejected }) => accepted + rejected.length)).toEqual(sizes);
          // The rejected of each batch are the dead of it.
          const refused = all.flatMap(
            (events, at) => results[at]?.rejected.map(({ event }) => events[event] as string) ?? [],
          );
          expect(refused.sort()).toEqual(dead.sort());
          if (inFlight === 1) {
            const order = sink.accepted.map((text) => Number(text.split('.')[0]));
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
        }),
        { numRuns: 100 },
      );
    });
  }

  it('leaves what is not acknowledged unacknowledged when it is stopped', async () => {
    await fc.assert(
      fc.asyncProperty(batches, answers, fc.integer({ min: 1, max: 2000 }), async (sizes, script, stopMs) => {
        const { sink, delivery, letters } = setUp((call, events) => answerOf(script[call - 1], events.length), {
          inFlight: 4,
        });
        const stop = new AbortController();
        const all = sizes.map((size, at) => Array.from({ length: size }, (_, event) => `${at}.${event}`));
        const over = Promise.allSettled(all.map((events) => delivery.send(batchOf(events), stop.signal)));
        await vi.advanceTimersByTimeAsync(stopMs);
        stop.abort(new Error('stopped'));
        const safe = new Set([...sink.accepted, ...letters.map(({ bytes }) => Buffer.from(bytes).toString())]);
        for (const [at, result] of (await over).entries()) {
          if (result.status === 'fulfilled') expect(all[at]?.every((event) => safe.has(event))).toBe(true);
          else expect(result.reason).toEqual(new Error('stopped'));
        }
        await delivery.close();
      }),
      { numRuns: 100 },
    );
  });
});
