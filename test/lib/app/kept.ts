import { expect } from 'vitest';
import type { SourceMark } from '../../../src/lib/record/batch.ts';
import type { LogSink } from '../../../src/lib/send/sink.ts';

/** A sink in memory that keeps positions as the store does. */
export class Kept {
  readonly lines: string[] = [];
  readonly known = new Map<string, SourceMark>();
  readonly sink: LogSink = {
    send: async (batch) => {
      const lines = Buffer.from(batch.bytes).toString().split('\n');
      this.lines.push(...lines.filter((line) => line !== ''));
      const { source } = batch;
      if (source !== undefined) {
        expect(source.from).toBe(this.known.get(source.id)?.position ?? 0);
        const hash = source.hash === undefined ? {} : { hash: source.hash };
        this.known.set(source.id, { id: source.id, position: source.to, ...hash });
      }
      return { accepted: batch.events, rejected: [] };
    },
    marks: async () => new Map(this.known),
    close: async () => undefined,
  };
}
