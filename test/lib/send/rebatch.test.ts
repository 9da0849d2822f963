import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rebatch } from '../../../src/lib/send/rebatch.ts';
import type { SizedBatch } from '../../../src/lib/send/sink.ts';
import { batchOf } from '../../contracts/sink.ts';
import { scriptedSink, textsOf, untilSettled } from './scripted-sink.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
setMaxListeners(0, never);
const wide = { events: 1000, bytes: 1_000_000, afterMs: 50 };

describe('rebatch', () => {
  it('joins what comes within its time, and gives each its own result', async () => {
    const sink = scriptedSink((batch) => ({
      rejected: textsOf(batch).flatMap((text, at) => (text === 'c' ? [at] : [])),
    }));
    const joining = rebatch(sink, wide);
    const sent = [['a', 'b'], ['c'], ['d']].map((texts) => joining.send(batchOf(texts), never));
    await vi.advanceTimersByTimeAsync(40);
    expect(sink.calls).toHaveLength(0);
    expect(await untilSettled(Promise.all(sent))).toEqual([
      { accepted: 2, rejected: [] },
      { accepted: 0, rejected: [{ event: 0, reason: 'it is bad' }] },
      { accepted: 1, rejected: [] },
    ]);
    expect(sink.calls.map(textsOf)).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('sends at once what is enough, and on request', async () => {
    const sink = scriptedSink(() => ({}), { inFlight: 9 });
    const joining = rebatch(sink, { ...wide, events: 3 });
    for (const text of 'abcd') void joining.send(batchOf([text]), never);
    expect(sink.calls.map(textsOf)).toEqual([['a', 'b', 'c']]);
    joining.flush();
    expect(sink.calls.map(textsOf)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('does not join different contexts, and keeps the order of a source through a change of context', async () => {
    const sink = scriptedSink(() => ({}), { inFlight: 9 });
    const joining = rebatch(sink, wide);
    const give = (text: string, service: string, id: string) =>
      joining.send({ ...batchOf([text]), context: { service }, source: { id, from: 0, to: 1 } }, never);
    const sent = [
      give('a', 'x', '1'),
      give('b', 'y', '2'),
      give('c', 'x', '1'),
      give('d', 'y', '1'),
      give('e', 'x', '2'),
    ];
    await untilSettled(Promise.all(sent));
    expect(sink.calls.map((batch) => `${batch.context.service}: ${textsOf(batch).join(' ')}`)).toEqual([
      'x: a c',
      'y: b d',
      'x: e',
    ]);
  });

  it('fails what was sent together, together', async () => {
    const sink = scriptedSink(() => ({ error: new Error('gone') }));
    const joining = rebatch(sink, wide);
    const sent = Promise.allSettled(['a', 'b'].map((text) => joining.send(batchOf([text]), never)));
    const results = await untilSettled(sent);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('leaves nothing behind when it is stopped or closed', async () => {
    const stop = new AbortController();
    const joining = rebatch(
      scriptedSink(() => ({})),
      { ...wide, afterMs: 60_000 },
    );
    const stopped = joining.send(batchOf(['a']), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    const sent = joining.send(batchOf(['b']), never);
    await untilSettled(joining.close());
    expect((await untilSettled(sent)).accepted).toBe(1);
  });

  it('changes batches and nothing else', async () => {
    const event = fc.array(fc.constantFrom('x', '', 'yy', 'zzz'), { minLength: 1, maxLength: 4 });
    const given = fc.record({
      events: fc.array(event, { maxLength: 8 }),
      multiline: fc.boolean(),
      source: fc.constantFrom('1', '2', undefined),
      service: fc.constantFrom('a', 'b'),
    });
    const size = fc.record({ events: fc.integer({ min: 1, max: 6 }), bytes: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(given, { maxLength: 12 }), size, async (batches, limits) => {
        const sink = scriptedSink(
          (batch) => ({ rejected: namesOf(batch).flatMap((n, at) => (isBad(n) ? [at] : [])) }),
          {
            inFlight: 99,
          },
        );
        const joining = rebatch(sink, { ...limits, afterMs: 10 });
        const made = batches.map(({ events, multiline, source, service }, at) =>
          numbered(events, multiline, `${at}`, source, service),
        );
        const sent = made.map((batch) => joining.send(batch, never));
        const results = await untilSettled(Promise.all(sent));
        for (const batch of sink.calls) {
          expect(batch.events).toBe(textsOf(batch).length);
          expect(batch.events === 1 || batch.events <= limits.events).toBe(true);
          // Empty lines behind an event are no reason to part it from the others.
          const bytes = textsOf(batch).reduce((sum, text) => sum + text.length + 1, 0);
          expect(batch.events === 1 || bytes <= limits.bytes).toBe(true);
        }
        const arrived = sink.calls.flatMap((batch) =>
          textsOf(batch).map((text, at) => [batch.ids?.[at], text, batch.context.service, batch.origin?.(at)] as const),
        );
        const expected = made.flatMap((batch) =>
          textsOf(batch).map((text, at) => [batch.ids?.[at], text, batch.context.service, batch.origin?.(at)] as const),
        );
        const byId = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
        expect([...arrived].sort(byId)).toEqual([...expected].sort(byId));
        for (const source of ['1', '2', undefined]) {
          const own = new Set(made.filter((batch) => batch.source?.id === source).flatMap(namesOf));
          expect(arrived.map(([id]) => id).filter((id) => own.has(id as string))).toEqual([...own]);
        }
        for (const [at, batch] of made.entries()) {
          const bad = namesOf(batch).flatMap((name, number) => (isBad(name) ? [number] : []));
          expect(results[at]?.rejected.map((refusal) => refusal.event)).toEqual(bad);
          expect(results[at]?.accepted).toBe(batch.events - bad.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const namesOf = (batch: SizedBatch): readonly string[] => batch.ids ?? [];
const isBad = (name: string): boolean => name.endsWith('3');

/** A batch whose events know who they are; events of empty lines only are none. */
function numbered(
  events: readonly (readonly string[])[],
  multiline: boolean,
  name: string,
  source: string | undefined,
  service: string,
): SizedBatch {
  const groups = multiline ? events : events.flatMap((lines) => lines.map((line) => [line]));
  const real = groups.filter((lines) => lines.some((line) => line !== '')).length;
  const ids = Array.from({ length: real }, (_, at) => `${name.padStart(3, '0')}.${String(at).padStart(3, '0')}`);
  return {
    bytes: Buffer.from(groups.map((lines) => lines.map((line) => `${line}\n`).join('')).join('')),
    lines: groups.reduce((sum, lines) => sum + lines.length, 0),
    ...(multiline ? { joins: groups.map((lines) => lines.length) } : {}),
    context: { service },
    events: real,
    ids,
    origin: (event) => ({ is: ids[event] as string }),
    ...(source === undefined ? {} : { source: { id: source, from: 0, to: 1 } }),
  };
}
