import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogSource } from '../../src/lib/read/source.ts';

/** A source under test. */
export interface SourceUnderTest {
  readonly source: LogSource;
  /** Takes away what it was made of; called after `close`. */
  dispose(): Promise<void>;
}

export interface SourceTraits {
  /** It has an identity: it can be read twice and from any position, and knows its size. */
  readonly again: boolean;
}

/** Bytes that no pair of reads would cut alike, with everything in them that text decoders touch. */
const LARGE = Buffer.concat([Buffer.from('\ufeffa\r\n\u0000\n\xff', 'latin1'), randomBytes(3 * 1024 * 1024 + 7)]);

/**
 * What every `LogSource` must do. `open` makes one that holds `content`; with `stays` whoever writes it has not left,
 * but says nothing more (asked of sources without identity only).
 */
export function sourceContract(
  name: string,
  open: (content: Buffer, options: { readonly stays: boolean }) => Promise<SourceUnderTest>,
  traits: SourceTraits,
): void {
  describe(`LogSource: ${name}`, () => {
    let current: SourceUnderTest | undefined;
    afterEach(async () => {
      await current?.source.close();
      await current?.dispose();
      current = undefined;
    });
    const opened = async (content: Buffer, stays = false): Promise<LogSource> => {
      current = await open(content, { stays });
      return current.source;
    };
    const never = new AbortController().signal;

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['one byte', Buffer.from([0xff])],
      ['a last line without end', Buffer.from('a\nb')],
      ['more than one read holds', LARGE],
    ])('gives every byte, in order, once: %s', async (_, content) => {
      const source = await opened(content);
      expect((await collect(source, never)).equals(content)).toBe(true);
    });

    it('says what it is', async () => {
      const source = await opened(Buffer.from('abc'));
      expect(source.name).not.toBe('');
      expect(source.identity !== undefined).toBe(traits.again);
      expect(source.size).toBe(traits.again ? 3 : undefined);
    });

    it('gives nothing, and does not throw, when it was told to stop before', async () => {
      const source = await opened(LARGE);
      expect((await collect(source, AbortSignal.abort())).length).toBe(0);
    });

    it('ends soon when it is told to stop in the middle, and what it gave is the beginning', async () => {
      const source = await opened(LARGE);
      const controller = new AbortController();
      const parts: Buffer[] = [];
      for await (const chunk of source.read(controller.signal)) {
        parts.push(Buffer.from(chunk));
        controller.abort();
      }
      const given = Buffer.concat(parts);
      expect(given.length).toBeGreaterThan(0);
      expect(given.equals(LARGE.subarray(0, given.length))).toBe(true);
    });

    it('can be left in the middle, closed, and closed again', async () => {
      const source = await opened(LARGE);
      for await (const _ of source.read(never)) break;
      await source.close();
      await source.close();
    });

    it('can be closed unread', async () => {
      const source = await opened(LARGE);
      await source.close();
    });

    if (traits.again) {
      it('is read again, and from any position', async () => {
        const source = await opened(LARGE);
        const from = 1024 * 1024 + 1;
        expect((await collect(source, never, from)).equals(LARGE.subarray(from))).toBe(true);
        expect((await collect(source, never)).equals(LARGE)).toBe(true);
        expect((await collect(source, never, LARGE.length)).length).toBe(0);
        expect((await collect(source, never, LARGE.length + 5)).length).toBe(0);
      });

      it('is read by several at once', async () => {
        const source = await opened(LARGE);
        const [whole, part] = await Promise.all([collect(source, never), collect(source, never, 9)]);
        expect(whole.equals(LARGE)).toBe(true);
        expect(part.equals(LARGE.subarray(9))).toBe(true);
      });
    } else {
      it('gives what is there at once, and ends when it is told to while nothing comes', async () => {
        const source = await opened(Buffer.from('here\n'), true);
        const controller = new AbortController();
        let given = '';
        for await (const chunk of source.read(controller.signal)) {
          given += Buffer.from(chunk).toString();
          if (given === 'here\n') setTimeout(() => controller.abort(), 20);
        }
        expect(given).toBe('here\n');
      });
    }
  });
}

async function collect(source: LogSource, signal: AbortSignal, from?: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  // A view is good until the next is asked for.
  for await (const chunk of source.read(signal, from)) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}
