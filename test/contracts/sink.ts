import { setMaxListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogSink, SizedBatch } from '../../src/lib/send/sink.ts';

/** A sink under test and what it holds. `messages` is undefined for a sink that keeps nothing. */
export interface SinkUnderTest {
  readonly sink: LogSink;
  /** Messages of what was accepted, in order; called after `close`. */
  readonly messages: (() => Promise<readonly string[]>) | undefined;
  readonly dispose: () => Promise<void>;
}

/** What every `LogSink` must do. */
export function sinkContract(name: string, open: () => Promise<SinkUnderTest>): void {
  describe(`LogSink: ${name}`, () => {
    let current: SinkUnderTest | undefined;
    afterEach(async () => {
      await current?.dispose();
      current = undefined;
    });
    const { signal } = new AbortController();
    setMaxListeners(0, signal);

    it('gives one outcome for each event, several batches under way at once, in order', async () => {
      current = await open();
      const { sink, messages } = current;
      const sent = Array.from({ length: 20 }, (_, i) => sink.send(batchOf([`a${i}`, '', `b${i}`]), signal));
      for (const delivery of await Promise.all(sent)) {
        expect(delivery.accepted + delivery.rejected.length).toBe(2);
        expect(delivery.rejected).toEqual([]);
      }
      await sink.close();
      if (messages !== undefined) {
        expect(await messages()).toEqual(Array.from({ length: 20 }, (_, i) => [`a${i}`, `b${i}`]).flat());
      }
    });

    it('waits in close for what was sent', async () => {
      current = await open();
      const sent = current.sink.send(batchOf(['last']), signal);
      await current.sink.close();
      expect((await sent).accepted).toBe(1);
      if (current.messages !== undefined) expect(await current.messages()).toEqual(['last']);
    });

    it('begins without marks', async () => {
      current = await open();
      expect((await current.sink.marks()).size).toBe(0);
      await current.sink.close();
    });
  });
}

export function batchOf(lines: readonly string[]): SizedBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { bytes, lines: lines.length, events: lines.filter((line) => line !== '').length, context: {} };
}
