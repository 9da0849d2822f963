import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { groupLetters, type LetterBox, readLetters } from '../../../src/lib/app/dead-letters.ts';
import { replay } from '../../../src/lib/app/replay.ts';
import type { DeadLetter } from '../../../src/lib/send/dead-letters.ts';
import type { KeptLetter } from '../../../src/lib/send/letter-events.ts';
import { openDeadLetters, openLetterBox } from '../../../src/lib/wire/dead-letters.ts';
import { scriptedSink, textsOf } from '../send/scripted-sink.ts';

const root = mkdtempSync(join(tmpdir(), 'logs-letters-'));
afterAll(() => rmSync(root, { recursive: true }));
let dir = root;
beforeEach(() => {
  dir = mkdtempSync(join(root, 'box-'));
});

const never = new AbortController().signal;
const every = { filter: { kind: 'all' }, range: {}, clock: { now: 0n, zone: 'UTC' } } as const;

async function keep(letters: readonly DeadLetter[]): Promise<void> {
  const dead = await openDeadLetters(dir, () => undefined);
  await dead.put(letters);
  await dead.close();
}

async function withBox<T>(use: (box: LetterBox) => Promise<T>): Promise<T> {
  const box = await openLetterBox(dir);
  if (box === undefined) throw new Error('no letters');
  try {
    return await use(box);
  } finally {
    await box.close();
  }
}

async function read(): Promise<KeptLetter[]> {
  return withBox(async (box) => {
    const found: KeptLetter[] = [];
    for await (const letter of readLetters(box, every, { scanned: 0, damage: [] }, never)) found.push(letter);
    return found;
  });
}

function letter(text: string, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    bytes: Buffer.from(text),
    context: { service: 'shop', fields: { env: 'prod' } },
    id: undefined,
    from: 'es://one/logs',
    reason: 'it is bad',
    ...more,
  };
}

describe('dead letters', () => {
  it('come back exactly, whatever they are', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(
        ...['', '\n', '\n\n', 'a\nb', 'a\n\nb\r', '\r', '{"_dead_reason":"mine","a":1}'].map((text) =>
          Buffer.from(text),
        ),
      ),
    );
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    const letters = fc.array(
      fc.record({
        bytes,
        context: fc.record(
          { service: text, host: text, zone: fc.constant('UTC'), fields: fc.dictionary(text, text) },
          { requiredKeys: [] },
        ),
        id: fc.constantFrom(undefined, '0'.repeat(32)),
        from: text,
        reason: text,
        origin: fc.constantFrom({ topic: 't', partition: '0', offset: '12' }, { line: '1' }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(letters, async (given) => {
        dir = mkdtempSync(join(root, 'box-'));
        await keep(given);
        const plain = (one: DeadLetter) => JSON.stringify({ ...one, bytes: Buffer.from(one.bytes).toString('hex') });
        const found = (await read()).map((kept) => kept.letter);
        expect(found.map(plain).sort()).toEqual((given as DeadLetter[]).map(plain).sort());
      }),
      { numRuns: 6 },
    );
  });

  it('are told by sink and kind of reason', async () => {
    await keep([
      letter('a', { reason: "cannot read 'x' of 123456 bytes" }),
      letter('b', { reason: "cannot read 'y' of 99999 bytes" }),
      letter('c', { from: 'kafka://two/t', reason: 'too large' }),
    ]);
    const groups = await withBox((box) => groupLetters(readLetters(box, every, { scanned: 0, damage: [] }, never)));
    expect(groups.map(({ from, reason, count }) => `${count} ${from} ${reason}`).sort()).toEqual([
      '1 kafka://two/t too large',
      '2 es://one/logs cannot read … of … bytes',
    ]);
  });

  it('are none where nothing was ever kept', async () => {
    expect(await openLetterBox(dir)).toBeUndefined();
  });
});

describe('replay', () => {
  const all = (box: LetterBox) => readLetters(box, every, { scanned: 0, damage: [] }, never);

  it('sends each under the id of its event, with its context, and keeps only what is refused again', async () => {
    const id = (n: number) => `${n}`.padStart(32, '0');
    await keep(['a', 'b\n c', 'd'].map((text, n) => letter(text, { id: id(n) })));
    const sink = scriptedSink((batch) => ({ rejected: textsOf(batch).flatMap((t, at) => (t === 'd' ? [at] : [])) }));
    const opened: string[] = [];
    const open = async (url: string) => {
      opened.push(url);
      return sink;
    };
    const report = await withBox((box) => replay({ letters: all(box), handled: box.handled, open }, never));
    expect(report).toEqual({ sent: 2, refused: 1, reason: 'it is bad' });
    expect(opened).toEqual(['es://one/logs']);
    expect(sink.accepted.sort()).toEqual(['a', 'b\n c']);
    expect(sink.calls.flatMap(({ ids = [] }) => ids).sort()).toEqual([id(0), id(1), id(2)]);
    expect(sink.calls[0]?.context).toEqual({ service: 'shop', fields: { env: 'prod' } });
    expect(sink.closed).toBe(true);
    expect((await read()).map((kept) => Buffer.from(kept.letter.bytes).toString())).toEqual(['d']);
  });

  it('goes where it is told, by batches of one context', async () => {
    await keep([letter('a'), letter('b', { context: {} }), letter('c', { from: 'kafka://two/t' })]);
    const sink = scriptedSink(() => ({}));
    const open = async (url: string) => {
      expect(url).toBe('file:x');
      return sink;
    };
    await withBox((box) => replay({ letters: all(box), handled: box.handled, open, to: 'file:x' }, never));
    expect(sink.accepted.sort()).toEqual(['a', 'b', 'c']);
    for (const { ids } of sink.calls) expect(ids?.every((one) => one.length === 32)).toBe(true);
    expect(await read()).toEqual([]);
  });

  it('leaves what was not acknowledged, also beside a line that was cut off', async () => {
    await keep([letter('a', { from: 'one' }), letter('b', { from: 'two' })]);
    const open = async (url: string) => scriptedSink(() => (url === 'two' ? { error: new Error('gone') } : {}));
    await withBox(async (box) => {
      await expect(replay({ letters: all(box), handled: box.handled, open }, never)).rejects.toThrow('gone');
    });
    appendFileSync(join(dir, 'handled'), '01ABC');
    expect((await read()).map((kept) => kept.letter.from)).toEqual(['two']);
    await withBox((box) =>
      replay({ letters: all(box), handled: box.handled, open: async () => scriptedSink(() => ({})) }, never),
    );
    expect(await read()).toEqual([]);
  });
});
