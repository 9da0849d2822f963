import { describe, expect, it } from 'vitest';
import { composeTarget } from '../../../src/lib/app/compose-target.ts';
import type { TargetParts } from '../../../src/lib/app/target-parts.ts';
import { type Pipeline, PIPELINE_DEFAULTS } from '../../../src/lib/config/pipeline.ts';
import { LogsError } from '../../../src/lib/errors.ts';
import type { SizedBatch } from '../../../src/lib/record/batch.ts';
import type { RemoteSink } from '../../../src/lib/send/sink.ts';
import { MemoryDisk, memoryQueue } from '../../contracts/memory-queue.ts';
import { away, keptLetters, scriptedSink, type ScriptedSink } from '../send/scripted-sink.ts';

const signal = new AbortController().signal;

/** Sinks by their URLs, and what was told. */
function world(sinks: { readonly [url: string]: RemoteSink }, more: Partial<Pipeline>, spool = false) {
  const told: string[] = [];
  const letters = keptLetters();
  const disks = new Map<string, MemoryDisk>();
  const open = async (url: string): Promise<RemoteSink> => sinks[url] ?? Promise.reject(new Error(`no sink ${url}`));
  const claims = { claim: async () => ({ release: async () => undefined }) };
  const parts: { -readonly [part in keyof TargetParts]: TargetParts[part] } = {
    isRemote: (url) => url.startsWith('kafka:'),
    isTopic: (url) => url.startsWith('kafka:'),
    consumerLag: async () => 60_000,
    openLocal: async (url) => ({ sink: await open(url), claims: undefined }),
    openRemote: open,
    openQueue: async ({ urls }) => {
      const name = urls.join();
      const disk = disks.get(name) ?? new MemoryDisk();
      disks.set(name, disk);
      return { queue: memoryQueue(disk), name, claims };
    },
    openDeadLetters: async () => letters,
  };
  const pipeline = { ...PIPELINE_DEFAULTS, batch: { ...PIPELINE_DEFAULTS.batch, after: 1 }, ...more };
  const options = { parts, spool, graceMs: 0, tell: (text: string) => void told.push(text) };
  return { told, letters, disks, parts, target: () => composeTarget(pipeline, options, signal) };
}

function eventsOf(...levels: string[]): SizedBatch {
  const lines = levels.map((level, number) => JSON.stringify({ level, number }));
  return {
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    lines: lines.length,
    events: lines.length,
    context: {},
  };
}

function numbersIn({ accepted }: ScriptedSink): number[] {
  return accepted.map((line) => (JSON.parse(line) as { number: number }).number);
}

const to = (...urls: string[]) => ({ urls, mode: 'failover' as const, copies: 1 });
const copiesOf = (copies: number, ...urls: string[]) => ({ urls, mode: 'replicate' as const, copies });

describe('targets of a pipeline', () => {
  it('deliver from a queue what one address gets', async () => {
    const sink = scriptedSink(() => ({}), {}, 'kafka:a');
    const { target, disks } = world({ 'kafka:a': sink }, { to: to('kafka:a') });
    const { sink: composed, claims } = await target();
    expect(await composed.send(eventsOf('info', 'warn'), signal)).toEqual({ accepted: 2, rejected: [] });
    await composed.close();
    expect(numbersIn(sink)).toEqual([0, 1]);
    expect(sink.calls[0]?.ids?.every((id) => id.length === 32)).toBe(true);
    expect([...disks.keys()]).toEqual(['kafka:a']);
    expect(claims).toBeDefined();
  });

  it('know of one that cannot be reached before anything is read; with spool it is told, and events wait', async () => {
    const sink = Object.assign(
      scriptedSink(() => ({}), {}, 'kafka:a'),
      { check: () => Promise.reject(away()) },
    );
    await expect(world({ 'kafka:a': sink }, { to: to('kafka:a') }).target()).rejects.toThrow('does not answer');
    expect(sink.closed).toBe(true);
    const { target, told } = world({ 'kafka:a': sink }, { to: to('kafka:a') }, true);
    const { sink: composed } = await target();
    expect(told).toEqual([expect.stringContaining('waits in the queue')]);
    await composed.close();
  });

  it('do not spool what will never work', async () => {
    const denied = async () => Promise.reject(new LogsError('REMOTE_DENIED', 'no'));
    const sink = { ...scriptedSink(() => ({}), {}, 'kafka:a'), check: denied };
    await expect(world({ 'kafka:a': sink }, { to: to('kafka:a') }, true).target()).rejects.toThrow('no');
  });

  it('stand for each other, also one of this machine', async () => {
    const first = {
      ...scriptedSink(() => ({ error: away() }), {}, 'kafka:a'),
      check: async () => Promise.reject(away()),
    };
    const second = scriptedSink(() => ({}), {}, 'store');
    const { target, told } = world({ 'kafka:a': first, store: second }, { to: to('kafka:a', 'store') });
    const { sink } = await target();
    await sink.send(eventsOf('info'), signal);
    await sink.close();
    expect(numbersIn(second)).toEqual([0]);
    expect(told).toEqual([expect.stringContaining('going on with store')]);
  });

  it('all get a copy under the same ids, and enough of them have to have it at the end', async () => {
    const [a, b] = [scriptedSink(() => ({}), {}, 'kafka:a'), scriptedSink(() => ({ rejected: [0] }), {}, 'kafka:b')];
    const { target, letters } = world({ 'kafka:a': a, 'kafka:b': b }, { to: copiesOf(2, 'kafka:a', 'kafka:b') });
    const { sink } = await target();
    await sink.send(eventsOf('info', 'info'), signal);
    await sink.close();
    expect(numbersIn(a)).toEqual([0, 1]);
    expect(numbersIn(b)).toEqual([1]);
    expect(b.calls[0]?.ids).toEqual(a.calls[0]?.ids);
    expect(letters.letters).toMatchObject([{ from: 'kafka:b', id: a.calls[0]?.ids?.[0] }]);
  });

  it('end when enough of them have all, with the copies of the others in their queues', async () => {
    const [a, b] = [scriptedSink(() => ({}), {}, 'kafka:a'), scriptedSink(() => ({ error: away() }), {}, 'kafka:b')];
    const { target, told, disks } = world({ 'kafka:a': a, 'kafka:b': b }, { to: copiesOf(1, 'kafka:a', 'kafka:b') });
    const { sink } = await target();
    await sink.send(eventsOf('info', 'info'), signal);
    await sink.close();
    expect(numbersIn(a)).toEqual([0, 1]);
    expect(told).toContain('2 events are still in the queue kafka:b');
    expect(disks.get('kafka:b')?.kept.every(({ done }) => !done)).toBe(true);
  });

  it('are claimed with a source all of them, or none', async () => {
    const [a, b] = [scriptedSink(() => ({}), {}, 'kafka:a'), scriptedSink(() => ({}), {}, 'kafka:b')];
    const held = new Set<string>();
    const { parts, target } = world({ 'kafka:a': a, 'kafka:b': b }, { to: copiesOf(2, 'kafka:a', 'kafka:b') });
    const open = parts.openQueue.bind(parts);
    parts.openQueue = async (to, settings) => ({
      ...(await open(to, settings)),
      claims: {
        claim: async (place) => {
          const key = `${to.urls.join()} ${place}`;
          if (held.has(key)) throw new LogsError('SOURCE_CLAIMED', key);
          held.add(key);
          return { release: async () => void held.delete(key) };
        },
      },
    });
    const { claims, sink } = await target();
    const claim = await claims?.claim('p', 'file');
    expect([...held]).toEqual(['kafka:a p', 'kafka:b p']);
    await claim?.release();
    expect(held.size).toBe(0);
    held.add('kafka:b p');
    await expect(claims?.claim('p', 'file')).rejects.toThrow('kafka:b p');
    expect([...held]).toEqual(['kafka:b p']);
    await sink.close();
  });

  it('show no password in what they tell', async () => {
    const denied = new LogsError('REMOTE_DENIED', 'no entry');
    const [a, b] = [scriptedSink(() => ({}), {}, 'kafka:a'), scriptedSink(() => ({ error: denied }), {}, 'kafka:b')];
    const secret = 'kafka://ann:canary@b/t';
    const to = copiesOf(1, 'kafka:a', secret);
    const { target, told } = world({ 'kafka:a': a, [secret]: b }, { to, queue: undefined });
    const { sink } = await target();
    await sink.send(eventsOf('info'), signal);
    await sink.close();
    expect(told.join()).toMatch(/no entry; kafka:..ann:\*\*\*@b.t gets no more copies/);
    expect(told.join()).not.toContain('canary');
  });

  it('count what their queues hold and what went to the dead letters, behind a queue too', async () => {
    const sink = scriptedSink(() => ({ rejected: [0] }), {}, 'kafka:a');
    const { target } = world({ 'kafka:a': sink }, { to: to('kafka:a') });
    const composed = await target();
    await composed.sink.send(eventsOf('info', 'info'), signal);
    expect(composed.left?.()).toBe(2);
    await composed.sink.close();
    expect(composed.left?.()).toBe(0);
    expect(composed.deadLetters?.count).toBe(1);
  });

  it('are closed where their queue cannot be opened', async () => {
    const sink = scriptedSink(() => ({}), {}, 'kafka:a');
    const { parts, target } = world({ 'kafka:a': sink }, { to: to('kafka:a') });
    parts.openQueue = () => Promise.reject(new LogsError('NOT_WRITABLE', 'no'));
    await expect(target()).rejects.toThrow('no');
    expect(sink.closed).toBe(true);
  });

  it('get what routes say, the rest goes on, and what is dropped is counted', async () => {
    const [errors, raw] = [scriptedSink(() => ({}), {}, 'kafka:e'), scriptedSink(() => ({}), {}, 'kafka:r')];
    const { target } = world(
      { 'kafka:e': errors, 'kafka:r': raw },
      {
        routes: [{ match: 'level>=ERROR', to: to('kafka:e'), continue: false }],
        drop: 'level:DEBUG',
        to: to('kafka:r'),
      },
    );
    const { sink, dropped } = await target();
    await sink.send(eventsOf('info', 'error', 'debug', 'fatal', 'warn'), signal);
    await sink.close();
    expect(numbersIn(errors)).toEqual([1, 3]);
    expect(numbersIn(raw)).toEqual([0, 4]);
    expect(dropped?.toJSON()).toEqual({ drop: { DEBUG: 1 } });
  });

  it('are not sent again what they have, where another has less of a source', async () => {
    const [errors, raw] = [scriptedSink(() => ({}), {}, 'kafka:e'), scriptedSink(() => ({}), {}, 'kafka:r')];
    const routes = [{ match: 'level>=ERROR', to: to('kafka:e'), continue: true }];
    const { target, disks } = world({ 'kafka:e': errors, 'kafka:r': raw }, { routes, to: to('kafka:r') });
    const batch = eventsOf('error', 'error', 'info');
    const half = { ...eventsOf('error'), source: { id: 's', from: 0, to: 29, hash: 'x' } };
    expect(half.bytes.length).toBe(29);
    const disk = new MemoryDisk();
    disks.set('kafka:e', disk);
    await memoryQueue(disk).append(half);
    const { sink } = await target();
    await sink.send({ ...batch, source: { id: 's', from: 0, to: batch.bytes.length, hash: 'y' } }, signal);
    expect([...(await sink.marks()).values()]).toMatchObject([{ id: 's', position: batch.bytes.length }]);
    await sink.close();
    // What the process before had put there, then what is new to it.
    expect(numbersIn(errors)).toEqual([0, 1]);
    expect(numbersIn(raw)).toEqual([0, 1, 2]);
  });

  it('are sampled while consumers are behind, and errors are not', async () => {
    const raw = scriptedSink(() => ({}), {}, 'kafka:r');
    const sample = { keep: {}, whenLagAbove: { events: 50_000, group: undefined, keep: { DEBUG: 0, INFO: 0.5 } } };
    const { target, told } = world({ 'kafka:r': raw }, { sample, to: to('kafka:r') });
    const { sink, dropped } = await target();
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sink.send(eventsOf('debug', 'info', 'info', 'error', 'debug', 'info', 'info'), signal);
    await sink.close();
    expect(told[0]).toContain('60,000 events behind');
    expect(numbersIn(raw)).toEqual([1, 3, 5]);
    expect(dropped?.toJSON()).toEqual({ sample: { DEBUG: 2, INFO: 2 } });
  });
});
