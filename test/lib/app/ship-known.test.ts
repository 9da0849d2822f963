import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { openFileSource } from '../../../src/lib/adapters/file/file-source.ts';
import { ship, type ShipOptions } from '../../../src/lib/app/ship.ts';
import type { FileIdentity } from '../../../src/lib/read/source.ts';
import type { LogSink } from '../../../src/lib/send/sink.ts';
import { Kept } from './kept.ts';

/** What an interrupted ship and the next one make of a file, whatever became of it between. */
describe('ship knows a file again', () => {
  let folder: string;
  let kept: Kept;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-ship-known-'));
    kept = new Kept();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const at = (name: string) => join(folder, name);
  const claims = { claim: async () => ({ release: async () => undefined }) };
  const options = (names: readonly string[], more: Partial<ShipOptions> = {}): ShipOptions => {
    const sources = names.map((name) => ({ name: at(name), open: () => openFileSource(at(name)) }));
    const read = { encoding: undefined, multiline: 'auto' as const, context: {} };
    return { sources, read, target: { sink: kept.sink, claims }, again: false, ...more };
  };
  const never = new AbortController().signal;
  const run = (names: readonly string[], more?: Partial<ShipOptions>) => ship(options(names, more), never);

  /** Of several batches. All begin alike, for longer than the head that names a source. */
  const banner = '#'.repeat(1100);
  const long = (word: string, count = 40_000) => [
    banner,
    ...Array.from({ length: count }, (_, i) => `${word} ${i} ${'.'.repeat(200)}`),
  ];
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

  /** Ships some batches of the file and no more: the process is killed, asked to end, or the sink fails. */
  const interrupted: [string, () => Promise<void>][] = [
    [
      'asked to end',
      async () => {
        const stop = new AbortController();
        await ship(options(['a'], { progress: () => stop.abort() }), stop.signal);
      },
    ],
    [
      'killed, or failed to write',
      async () => {
        let sent = 0;
        const send: LogSink['send'] = async (batch, signal) => {
          sent += 1;
          if (sent > 2) throw new Error('gone');
          return kept.sink.send(batch, signal);
        };
        const sink: LogSink = { ...kept.sink, send };
        await expect(run(['a'], { target: { sink, claims } })).rejects.toThrow('gone');
      },
    ],
  ];

  describe.each(interrupted)('when it was %s', (_, interrupt) => {
    let lines: string[];
    let before: number;
    beforeEach(async () => {
      lines = long('old');
      await writeFile(at('a'), text(lines));
      await interrupt();
      before = kept.lines.length;
      expect(before).toBeGreaterThan(1);
      expect(before).toBeLessThan(lines.length);
    });

    it('sends the rest of a file that grew', async () => {
      await appendFile(at('a'), 'more\n');
      await run(['a']);
      expect(kept.lines).toEqual([...lines, 'more']);
    });

    it('sends the rest of a file that was renamed', async () => {
      await rename(at('a'), at('a.1'));
      await run(['a.1']);
      expect(kept.lines).toEqual(lines);
    });

    it('sends all of a file that was rewritten in place with the same beginning', async () => {
      const other = long('new', 50_000);
      await truncate(at('a'), 0);
      await appendFile(at('a'), text(other));
      await run(['a']);
      expect(kept.lines.slice(before)).toEqual(other);
    });

    it('sends the rest of its gzip', async () => {
      await writeFile(at('a.gz'), gzipSync(text([...lines, 'more']), { level: 1 }));
      await run(['a.gz']);
      expect(kept.lines).toEqual([...lines, 'more']);
    });
  });

  it('sends a file whole where its position has no hash, rather than losing what was rewritten', async () => {
    await writeFile(at('a'), text(long('old', 10)));
    await run(['a']);
    for (const [id, { position }] of kept.known) kept.known.set(id, { id, position });
    await truncate(at('a'), 0);
    await appendFile(at('a'), text(long('new', 20)));
    kept.lines.length = 0;
    await run(['a']);
    expect(kept.lines).toEqual(long('new', 20));
  });

  it('sends a file that was short when its ship was killed, and then rewritten to begin alike', async () => {
    // Killed before it could say anything at the end.
    const target = { sink: { ...kept.sink, close: async () => undefined }, claims };
    await writeFile(at('a'), 'x\n');
    await run(['a'], { target });
    await appendFile(at('a'), 'one\n');
    await run(['a'], { target });
    await truncate(at('a'), 0);
    await appendFile(at('a'), 'x\nother\nlines\n');
    await run(['a']);
    expect(kept.lines).toEqual(['x', 'one', 'x', 'other', 'lines']);
  });

  describe('by the time of birth', () => {
    /** The same device and inode, whatever the file system of the test gives. */
    const bornAt = (born: bigint, name = 'a'): Partial<ShipOptions> => {
      const identity: FileIdentity = { device: 1n, inode: 2n, born };
      return { sources: [{ name, open: async () => ({ ...(await openFileSource(at(name))), identity }) }] };
    };

    it('takes a file for another one that has the inode of one removed, whatever is in it', async () => {
      await writeFile(at('a'), 'job started\n');
      await run([], bornAt(7n));
      await run([], bornAt(8n));
      await appendFile(at('a'), 'run 3\n');
      await run([], bornAt(9n));
      expect(kept.lines).toEqual(['job started', 'job started', 'job started', 'run 3']);
      expect((await run([], bornAt(9n))).summary.files.unchanged).toBe(1);
      expect((await run([], bornAt(7n))).summary.events).toBe(1);
    });

    it('goes by the content alone where the file system does not say it', async () => {
      await writeFile(at('a'), 'one\n');
      await run([], bornAt(0n));
      await appendFile(at('a'), 'two\n');
      await run([], bornAt(0n));
      await run([], bornAt(5n));
      await appendFile(at('a'), 'three\n');
      await run([], bornAt(5n));
      expect(kept.lines).toEqual(['one', 'two', 'three']);
    });

    it('knows the content of a gzip whenever it was born', async () => {
      await writeFile(at('a'), 'one\n');
      await run([], bornAt(7n));
      await writeFile(at('a.gz'), gzipSync('one\ntwo\n'));
      await run([], bornAt(8n, 'a.gz'));
      expect(kept.lines).toEqual(['one', 'two']);
    });

    it('sends a file that was removed and made again with the same lines', async () => {
      for (let n = 0; n < 3; n += 1) {
        await rm(at('a'), { force: true });
        await writeFile(at('a'), 'job started\n');
        await run(['a']);
        // The clock of a file system moves on by milliseconds.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(kept.lines).toEqual(['job started', 'job started', 'job started']);
    });
  });

  it('counts what is safe where the sink fails, and says with what it failed first', async () => {
    for (const name of ['a', 'b', 'c']) await writeFile(at(name), `${name}\n`);
    const send: LogSink['send'] = async (batch) => {
      if (Buffer.from(batch.bytes).toString() === 'b\n') throw new LogsError('NO_SPACE', 'the disk is full');
      return { accepted: 1, rejected: [] };
    };
    const close = async () => Promise.reject(new LogsError('INTERNAL', 'cannot tidy up'));
    const { summary, failed } = await run(['a', 'b', 'c'], {
      target: { sink: { ...kept.sink, send, close }, claims: undefined },
    });
    expect(failed).toMatchObject({ code: 'NO_SPACE' });
    expect(summary).toMatchObject({ events: 1, bytes: 2 });
  });

  it('holds its claims until nothing is under way, also when the sink fails, and gives back every one', async () => {
    const events: string[] = [];
    for (const name of ['a', 'b', 'c']) await writeFile(at(name), `${name}\n`);
    const send: LogSink['send'] = async (batch) => {
      const line = Buffer.from(batch.bytes).toString().trim();
      if (line === 'b') throw new Error('disk full');
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${line} is safe`);
      return { accepted: 1, rejected: [] };
    };
    const claim = async (_: string, name: string) => ({
      release: async () => {
        events.push(`${name.at(-1)} released`);
        if (name.endsWith('a')) throw new Error('no such claim');
      },
    });
    const target = { sink: { ...kept.sink, send }, claims: { claim } };
    await expect(run(['a', 'b', 'c'], { target })).rejects.toThrow('disk full');
    expect(events).toEqual(['a is safe', 'a released', 'b released', 'c released']);
  });
});
