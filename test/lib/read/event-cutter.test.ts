import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachEvent } from '../../../src/lib/record/events.ts';
import { BufferPool } from '../../../src/lib/read/buffer-pool.ts';
import { bufferSizeOf, type EventBlock, EventCutter } from '../../../src/lib/read/event-cutter.ts';
import { createJoiner } from '../../../src/lib/read/multiline.ts';
import { MAX_NUL_RUN, NulRuns } from '../../../src/lib/read/nul-runs.ts';

interface Setting {
  readonly joiner?: 'auto' | RegExp;
  readonly maxLine?: number;
  readonly blockSize?: number;
  readonly whole?: boolean;
}

function cutAll(pieces: readonly Uint8Array[], setting: Setting = {}): { blocks: EventBlock[]; skipped: number } {
  const blocks: EventBlock[] = [];
  const blockSize = setting.blockSize ?? 64;
  const buffers = new BufferPool(bufferSizeOf(blockSize), 2);
  let before: Uint8Array | undefined;
  const cutter = new EventCutter({
    buffers,
    joiner: setting.joiner === undefined ? undefined : createJoiner(setting.joiner),
    everyLine: setting.joiner instanceof RegExp,
    maxLine: setting.maxLine ?? 100,
    blockSize,
    start: 0,
    emit: (block) => {
      blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
      // Whoever has a block may take its time to give it back, and then anything may stand in it.
      if (before !== undefined) buffers.give(before.fill(0xff));
      before = block.bytes;
    },
  });
  const nuls = new NulRuns(cutter);
  for (const piece of pieces) nuls.push(piece);
  nuls.end();
  cutter.end({ whole: setting.whole ?? true });
  return { blocks, skipped: nuls.skipped };
}

function eventsOf(blocks: readonly EventBlock[]): string[] {
  const events: string[] = [];
  for (const block of blocks) {
    const before = events.length;
    let lines = 0;
    eachEvent(block.bytes, block.joins, (start, end) => {
      const text = Buffer.from(block.bytes.subarray(start, end)).toString('latin1');
      events.push(block.truncated === undefined ? text : `${text}~${block.truncated}`);
    });
    for (const byte of block.bytes) if (byte === 10) lines += 1;
    expect(block.lines).toBe(lines);
    expect(block.bytes.at(-1)).toBe(10);
    expect(events.length - before).toBe(block.events);
    if (block.joins !== undefined) expect(block.joins.reduce((sum, n) => sum + n, 0)).toBe(lines);
  }
  return events;
}

function piecesOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

const line = fc.oneof(
  fc.constantFrom('', '\r', '{"a":1}', '{}', '{', 'plain text', '2026-01-01 ERROR boom', '\tat a.b.C(D.java:1)'),
  fc.constantFrom(
    'Caused by: x.Y: z',
    'Traceback (most recent call last):',
    '  File "x", line 1',
    'ValueError: no',
    '  ',
  ),
  fc.nat(300).map((n) => 'x'.repeat(n)),
  fc.constantFrom(MAX_NUL_RUN - 1, MAX_NUL_RUN, MAX_NUL_RUN + 1).map((n) => `a${'\0'.repeat(n)}b`),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
  .map(([lines, ended]) => Buffer.from(lines.join('\n') + (ended ? '\n' : ''), 'latin1'));
const rule = fc.constantFrom(undefined, 'auto' as const, /^2026|^plain/);

describe('EventCutter', () => {
  it('gives the same events however the input is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 40 }), rule, (bytes, cuts, joiner) => {
        const setting: Setting = joiner === undefined ? {} : { joiner };
        const whole = cutAll([bytes], setting);
        const cut = cutAll(piecesOf(bytes, cuts), setting);
        expect(eventsOf(cut.blocks)).toEqual(eventsOf(whole.blocks));
        expect(cut.skipped).toBe(whole.skipped);
      }),
      { numRuns: 400 },
    );
  });

  it('covers every byte of the source once, in order', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 10 }), rule, (bytes, cuts, joiner) => {
        const { blocks } = cutAll(piecesOf(bytes, cuts), joiner === undefined ? {} : { joiner });
        let position = 0;
        for (const block of blocks) {
          expect(block.from).toBe(position);
          expect(block.to).toBeGreaterThan(block.from);
          position = block.to;
        }
        if (!bytes.includes(0)) expect(position).toBe(bytes.length);
        else expect(position).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 300 },
    );
  });

  it('goes on from any block to the same events', () => {
    fc.assert(
      fc.property(text, fc.nat(), (bytes, pick) => {
        const { blocks } = cutAll([bytes]);
        if (blocks.length === 0) return;
        const stop = pick % blocks.length;
        const position = blocks[stop]?.to ?? 0;
        const rest = cutAll([bytes.subarray(position)]);
        expect([...eventsOf(blocks.slice(0, stop + 1)), ...eventsOf(rest.blocks)]).toEqual(eventsOf(blocks));
      }),
      { numRuns: 300 },
    );
  });

  it('splits at LF alone and keeps CR, NUL, U+2028 and U+0085', () => {
    const { blocks } = cutAll([Buffer.from('a\rb\r\nc\u2028d\u0085\0e\n', 'utf8')]);
    expect(blocks.map((block) => Buffer.from(block.bytes).toString('utf8')).join('')).toBe(
      'a\rb\r\nc\u2028d\u0085\0e\n',
    );
    expect(eventsOf(blocks)).toHaveLength(2);
  });

  it('keeps the head of a long line, says its length and goes on', () => {
    const { blocks } = cutAll([Buffer.from(`one\n${'x'.repeat(250)}\ntwo\n`)]);
    expect(eventsOf(blocks)).toEqual(['one', `${'x'.repeat(100)}~250`, 'two']);
  });

  it('does not cut the head of a long line inside a character', () => {
    const { blocks } = cutAll([Buffer.from(`${'x'.repeat(99)}€${'y'.repeat(9)}\n`)]);
    expect(Buffer.from(blocks[0]?.bytes ?? []).toString('utf8')).toBe(`${'x'.repeat(99)}\n`);
    expect(blocks[0]?.truncated).toBe(111);
  });

  it('holds a bounded buffer while a long line goes by', () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const before = process.memoryUsage().arrayBuffers;
    const blocks: EventBlock[] = [];
    const cutter = new EventCutter({
      joiner: undefined,
      maxLine: 1024,
      blockSize: 4096,
      start: 0,
      emit: (b) => blocks.push(b),
    });
    for (let i = 0; i < 64; i += 1) cutter.push(piece);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    cutter.end({ whole: true });
    expect(blocks.map((block) => [block.bytes.length, block.truncated])).toEqual([[1025, 64 * 1024 * 1024]]);
  });

  it('leaves out runs of more than 4 KiB of NUL and counts them', () => {
    const bytes = Buffer.concat([
      Buffer.from('a\n'),
      Buffer.alloc(10_000),
      Buffer.from('b\n'),
      Buffer.alloc(3),
      Buffer.from('c\n'),
    ]);
    const { blocks, skipped } = cutAll([bytes]);
    expect(eventsOf(blocks)).toEqual(['a', 'b', '\0\0\0c']);
    expect(skipped).toBe(10_000);
  });

  it('joins a stack trace with the line above it, over any cut', () => {
    const trace = '2026-01-01 ERROR boom\njava.lang.X: y\n\tat a.b(C.java:1)\n\tat d\n2026-01-01 INFO next\n';
    for (let cut = 0; cut <= trace.length; cut += 1) {
      const pieces = [Buffer.from(trace.slice(0, cut)), Buffer.from(trace.slice(cut))];
      expect(eventsOf(cutAll(pieces, { joiner: 'auto', maxLine: 1000, blockSize: 32 }).blocks)).toHaveLength(3);
    }
  });

  it('holds a last line back whose rest is missing', () => {
    const { blocks } = cutAll([Buffer.from('one\ntw')], { whole: false });
    expect(eventsOf(blocks)).toEqual(['one']);
    expect(blocks.at(-1)?.to).toBe(4);
  });
});
