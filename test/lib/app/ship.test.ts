import { appendFile, link, mkdtemp, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileSource } from '../../../src/lib/adapters/file/file-source.ts';
import { ship, type ShipOptions } from '../../../src/lib/app/ship.ts';
import type { ShipProgress } from '../../../src/lib/app/ship-result.ts';
import { countUnparsed } from '../../../src/lib/parse/unparsed.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { LogSink } from '../../../src/lib/send/sink.ts';
import { Kept } from './kept.ts';

describe('ship', () => {
  let folder: string;
  let kept: Kept;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-ship-'));
    kept = new Kept();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const at = (name: string) => join(folder, name);
  const claims = { claim: async () => ({ release: async () => undefined }) };
  const run = (names: readonly string[], more: Partial<ShipOptions> = {}) => {
    const sources = names.map((name) => ({ name: at(name), open: () => openFileSource(at(name)) }));
    const read = { encoding: undefined, multiline: 'auto' as const, context: {} };
    return ship(
      { sources, read, target: { sink: kept.sink, claims }, again: false, ...more },
      new AbortController().signal,
    );
  };

  it('sends only what is new of a file that grew', async () => {
    await writeFile(at('a'), 'one\ntwo\n');
    await run(['a']);
    await appendFile(at('a'), 'three\n');
    const { summary } = await run(['a']);
    expect(summary.events).toBe(1);
    expect((await run(['a'])).summary.files).toEqual({ shipped: 0, unchanged: 1, empty: 0, skipped: 0 });
    expect(kept.lines).toEqual(['one', 'two', 'three']);
  });

  it('takes a file rewritten longer, with the same first bytes, as new', async () => {
    const head = 'x'.repeat(2000);
    await writeFile(at('a'), `${head}\none\n`);
    await run(['a']);
    await truncate(at('a'), 0);
    await appendFile(at('a'), `${head}\ntwo\nthree\n`);
    await run(['a']);
    expect(kept.lines.filter((line) => line !== head)).toEqual(['one', 'two', 'three']);
    expect(kept.known.size).toBe(2);
  });

  it('takes a file that shrank as new', async () => {
    await writeFile(at('a'), 'one\ntwo\n');
    await run(['a']);
    await truncate(at('a'), 4);
    await run(['a']);
    expect(kept.lines).toEqual(['one', 'two', 'one']);
  });

  it('keeps files apart that begin alike', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `f${i}`);
    for (const name of names) await writeFile(at(name), `${'y'.repeat(4096)}\n${name}\n`);
    await run(names);
    expect((await run(names)).summary.files.unchanged).toBe(50);
    expect(kept.lines.filter((line) => line.startsWith('f'))).toEqual(names);
  });

  it('knows the gzip of a shipped file by all its bytes, and sends what it has more', async () => {
    await writeFile(at('a'), 'one\ntwo\n');
    await run(['a']);
    await writeFile(at('a.gz'), gzipSync('one\ntwo\n'));
    expect((await run(['a.gz'])).summary.events).toBe(0);
    await writeFile(at('b.gz'), gzipSync('one\ntwo\nthree\n'));
    expect((await run(['b.gz'])).summary.events).toBe(1);
    await writeFile(at('c.gz'), gzipSync('one\nTWO\n'));
    expect((await run(['c.gz'])).summary.events).toBe(2);
  });

  it('takes a copy as new, and all again on request', async () => {
    await writeFile(at('a'), 'one\n');
    await writeFile(at('copy'), 'one\n');
    await run(['a']);
    expect((await run(['copy'])).summary.events).toBe(1);
    expect((await run(['a'], { again: true })).summary.events).toBe(1);
    expect((await run(['a'])).summary.events).toBe(0);
  });

  it('ships a last line without LF, and the rest of it as an event of its own', async () => {
    await writeFile(at('a'), 'one\ntw');
    await run(['a']);
    await appendFile(at('a'), 'o\nthree');
    await run(['a']);
    expect(kept.lines).toEqual(['one', 'tw', 'o', 'three']);
  });

  /** Does something to the files once, while the first batch is sent. */
  const whileSent = (work: () => Promise<void>): LogSink => {
    let done: Promise<void> | undefined;
    return {
      ...kept.sink,
      send: async (batch, signal) => {
        done ??= work();
        await done;
        return kept.sink.send(batch, signal);
      },
    };
  };
  /** Larger than what is read, sent and held at once. */
  const long = (word: string) => Array.from({ length: 40_000 }, (_, i) => `${word} ${i} ${'.'.repeat(400)}`);
  const once = (lines: readonly string[]) => expect([...kept.lines].sort()).toEqual([...lines].sort());

  it('ships a file that grows meanwhile, every line once', async () => {
    const lines = long('a');
    await writeFile(at('a'), `${lines.join('\n')}\n`);
    const sink = whileSent(() => appendFile(at('a'), 'more\n'));
    await run(['a'], { target: { sink, claims } });
    await run(['a']);
    once([...lines, 'more']);
  });

  it('says how much is to come where the files say it', async () => {
    await writeFile(at('a'), `${long('a').join('\n')}\n`);
    await writeFile(at('b'), 'one\n');
    await writeFile(at('b.gz'), gzipSync('two\n'));
    const seen: (ShipProgress['ahead'] | undefined)[] = [];
    const progress = ({ ahead }: ShipProgress) => seen.push(ahead);
    await run(['a', 'b'], { progress });
    const total = (await stat(at('a'))).size + 4;
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every((ahead) => ahead?.total === total)).toBe(true);
    const left = seen.map((ahead) => ahead?.left ?? -1);
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(left.slice(-2)).toEqual([4, 0]);
    seen.length = 0;
    await run(['b', 'b.gz'], { progress, again: true });
    expect(seen).toEqual([undefined, undefined]);
  });

  it('ships a file that is replaced meanwhile, the old one and then the new one', async () => {
    const lines = long('a');
    await writeFile(at('a'), `${lines.join('\n')}\n`);
    const sink = whileSent(async () => {
      await rename(at('a'), at('a.1'));
      await writeFile(at('a'), 'new\n');
    });
    await run(['a'], { target: { sink, claims } });
    expect((await run(['a', 'a.1'])).summary.events).toBe(1);
    once([...lines, 'new']);
  });

  it('ships a file that is cut off meanwhile as far as it was there, and then what is new', async () => {
    const lines = long('a');
    await writeFile(at('a'), `${lines.join('\n')}\n`);
    const sink = whileSent(() => writeFile(at('a'), 'new\n'));
    await run(['a'], { target: { sink, claims } });
    const before = kept.lines.length;
    expect(before).toBeGreaterThan(0);
    expect(kept.lines.slice(0, -1)).toEqual(lines.slice(0, before - 1));
    // What was read last may end inside a line.
    expect(lines[before - 1]?.startsWith(kept.lines.at(-1) ?? 'none')).toBe(true);
    await run(['a']);
    expect(kept.lines.slice(before)).toEqual(['new']);
  });

  it('ships a file once however often and by whatever name it is given', async () => {
    await writeFile(at('a'), 'one\n');
    await link(at('a'), at('hard'));
    await symlink('a', at('soft'));
    const { summary } = await run(['soft', 'a', 'hard', 'a']);
    expect(summary.files).toEqual({ shipped: 1, unchanged: 0, empty: 0, skipped: 0 });
    expect((await run(['hard'])).summary.files.unchanged).toBe(1);
    once(['one']);
  });

  it('delivers what is whole of a damaged file, goes on, and says so', async () => {
    await writeFile(at('bad.gz'), Buffer.concat([gzipSync('one\ntwo'), Buffer.from('junk')]));
    await writeFile(at('good'), 'three\n');
    const { failures, summary } = await run(['missing', 'bad.gz', 'good']);
    expect(failures.map(({ code }) => code)).toEqual(['NOT_FOUND', 'INPUT_DAMAGED']);
    expect(kept.lines).toEqual(['one', 'two', 'three']);
    expect(summary.files).toEqual({ shipped: 1, unchanged: 0, empty: 0, skipped: 2 });
  });

  it('tells empty files from files with nothing new', async () => {
    await writeFile(at('empty'), '');
    await writeFile(at('empty.gz'), gzipSync(''));
    await writeFile(at('mark'), '\ufeff');
    await writeFile(at('a'), 'one\n');
    const first = await run(['empty', 'empty.gz', 'mark', 'a']);
    expect(first.summary.files).toEqual({ shipped: 1, unchanged: 0, empty: 3, skipped: 0 });
    const second = await run(['empty', 'empty.gz', 'mark', 'a']);
    expect(second.summary.files).toEqual({ shipped: 0, unchanged: 1, empty: 3, skipped: 0 });
  });

  /** A system that has so many file descriptors for sources and claims, and says so as the system would. */
  const scarce = (limit: number) => {
    let used = 0;
    let most = 0;
    const take = () => {
      if (used === limit) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      used += 1;
      most = Math.max(most, used);
    };
    const give = async () => {
      used -= 1;
    };
    const sources = (names: readonly string[]) =>
      names.map((name) => ({
        name: at(name),
        open: async () => {
          take();
          const source = await openFileSource(at(name)).catch(async (error: unknown) => {
            await give();
            throw error;
          });
          return { ...source, close: () => source.close().then(give) };
        },
      }));
    const claim = async () => {
      take();
      return { release: give };
    };
    return { sources, claims: { claim }, left: () => used, most: () => most };
  };

  it('ships with fewer files open at once where the system has no more, each of them once', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `f${i}`);
    for (const name of names) await writeFile(at(name), `${name}\n`);
    const system = scarce(21);
    const all = ['missing', 'f3', ...names];
    const options = { sources: system.sources(all), target: { sink: kept.sink, claims: system.claims } };
    const { summary, failures } = await run([], options);
    expect(summary.files).toEqual({ shipped: 100, unchanged: 0, empty: 0, skipped: 1 });
    expect(failures.map(({ code }) => code)).toEqual(['NOT_FOUND']);
    expect([...kept.lines].sort()).toEqual([...names].sort());
    expect(system.most()).toBe(21);
    expect(system.left()).toBe(0);
  });

  it('ends where one file alone is too many, with what was sent before', async () => {
    await writeFile(at('a'), 'one\n');
    const system = scarce(1);
    const options = { sources: system.sources(['a']), target: { sink: kept.sink, claims: system.claims } };
    await expect(run([], options)).rejects.toMatchObject({ code: 'EMFILE' });
    expect(system.left()).toBe(0);
  });

  it('counts what cannot be parsed as parsing does', () => {
    const lines = [
      '{"a":1}',
      '{bad',
      '{"a":1} x',
      'plain',
      '[1]',
      ' {"a":',
      '{"a":NaN}',
      '{"__proto__":1,"a":1,"a":2}',
    ];
    const deep = `{"a":${'['.repeat(300)}${']'.repeat(300)}}`;
    const all = [
      ...lines,
      deep,
      `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
      'a=1 b="x',
      '<34>1 broken',
      '{"msg":"{bad"}',
    ];
    const bytes = Buffer.from(all.map((line) => `${line}\n`).join(''));
    for (const format of [undefined, 'json', 'logfmt', 'syslog', 'access', 'plain']) {
      const context = format === undefined ? {} : { format };
      const expected = all.filter(
        (line) => '_parse_error' in parseEvent(Buffer.from(line), context, 0n, '').fields,
      ).length;
      expect(countUnparsed({ bytes, context })).toBe(expected);
    }
  });
});
