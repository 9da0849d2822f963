import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDeadLetters } from '../../src/lib/wire/dead-letters.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-dlq-'));
afterAll(() => rmSync(folder, { recursive: true }));
const letters = join(folder, 'letters');
const out = join(folder, 'out.ndjson');
const FIRST = '06H5Q1R8ABCDEFGHJKMNPQRSTVWXYZ01';

function logs(...args: readonly string[]) {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_DEAD_LETTERS: letters };
  const done = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, input: '' });
  return { output: done.stdout, error: done.stderr, exit: done.status };
}

describe('logs dlq, one after the other', () => {
  it('says so where there never were any', () => {
    expect(logs('dlq', 'ls')).toEqual({ output: '', error: `there are no dead letters in ${letters}\n`, exit: 0 });
    expect(logs('dlq', 'search').exit).toBe(1);
    expect(logs('dlq', 'replay').exit).toBe(1);
  });

  describe('with letters', () => {
    beforeAll(async () => {
      const dead = await openDeadLetters(letters, () => undefined);
      const from = `file:${out}`;
      const context = { service: 'shop', host: 'h1' };
      await dead.put([
        {
          bytes: Buffer.from('{"level":"error","msg":"a","n":"x"}'),
          context,
          id: FIRST,
          from,
          reason: "cannot read 'x'",
          origin: { topic: 'raw', partition: '2', offset: '77' },
        },
        { bytes: Buffer.from('{"level":"info","msg":"b"}'), context, id: undefined, from, reason: "cannot read 'y'" },
        {
          bytes: Buffer.from('evil \u001b[2J\n\tat x'),
          context: { service: 'pay' },
          id: undefined,
          from: 'nowhere:\u001b[31m',
          reason: 'too large',
        },
      ]);
      await dead.close();
    });

    it('tells how many of which sink, and why', () => {
      const { output, exit } = logs('dlq', 'ls');
      expect(exit).toBe(0);
      expect(output).toContain(`2 refused by file:${out}: cannot read …\n`);
      expect(output).toContain('1 refused by nowhere:\\x1b[31m: too large\n');
      const { letters: groups } = JSON.parse(logs('dlq', 'ls', 'service:shop', '--json').output);
      expect(groups).toMatchObject([{ from: `file:${out}`, reason: 'cannot read …', count: 2 }]);
    });

    it('searches them with the whole language', () => {
      expect(logs('dlq', 'search', '_dead_offset:77', '-k', 'message,_dead_reason').output).toBe(
        '{"message":"a","_dead_reason":"cannot read \'x\'"}\n',
      );
      expect(logs('dlq', 'search', '-c').output).toBe('3\n');
      expect(logs('dlq', 'search', 'service:pay', '-o', 'raw').output).toBe('evil \u001b[2J\n\tat x\n');
      expect(logs('dlq', 'search', '* | stats count by service', '-o', 'csv').output).toBe(
        'service,count\npay,1\nshop,2\n',
      );
      expect(logs('dlq', 'search', 'service:shop').output).not.toContain('_dead_context');
      expect(logs('dlq', 'search', bin)).toMatchObject({ exit: 2 });
    });

    it('shows one, by the id of the letter or of the event', () => {
      const { output } = logs('dlq', 'show', FIRST);
      expect(output).toContain(`refused by  file:${out}\n`);
      expect(output).toContain('came from   topic raw, partition 2, offset 77\n');
      const document = JSON.parse(logs('dlq', 'show', FIRST, '--json').output);
      expect(document).toMatchObject({ log_id: FIRST, event: '{"level":"error","msg":"a","n":"x"}' });
      expect(logs('dlq', 'show', document.id, '-o', 'raw').output).toBe('{"level":"error","msg":"a","n":"x"}\n');
      expect(logs('dlq', 'show', 'x'.repeat(32))).toMatchObject({ exit: 2 });
      expect(logs('dlq', 'show')).toMatchObject({ exit: 2 });
    });

    it('sends one again that was mended, under the id that it had', () => {
      const mended = join(folder, 'mended');
      writeFileSync(mended, '{"level":"error","msg":"a","n":1}\n');
      expect(logs('dlq', 'replay', '--with', mended).error).toContain('logs dlq replay ID --with FILE');
      expect(logs('dlq', 'replay', FIRST, '--with', mended)).toMatchObject({
        exit: 0,
        error: '1 dead letter sent again\n',
      });
      const [sent] = readFileSync(out, 'utf8').trim().split('\n');
      expect(JSON.parse(sent as string)).toMatchObject({ log_id: FIRST, n: 1, service: 'shop', host: 'h1' });
      expect(logs('dlq', 'search', '-c').output).toBe('2\n');
    });

    it('leaves what has no place to go, and sends it where it is told', () => {
      expect(logs('dlq', 'replay', 'service:pay')).toMatchObject({ exit: 2 });
      expect(logs('dlq', 'search', '-c').output).toBe('2\n');
      expect(logs('dlq', 'replay', 'service:pay', '--to', 'null:', '--json')).toMatchObject({
        exit: 0,
        output: '{"sent":1,"refused":0}\n',
      });
      expect(logs('dlq', 'replay', 'service:pay')).toMatchObject({ exit: 1, error: 'no dead letter matches\n' });
      expect(logs('dlq', 'replay', '* | limit 3')).toMatchObject({ exit: 2 });
    });

    it('drops only what is meant and agreed to', () => {
      expect(logs('dlq', 'drop', 'service:shop')).toMatchObject({ exit: 2 });
      expect(logs('dlq', 'drop', 'service:other', '--yes')).toMatchObject({ exit: 1 });
      expect(logs('dlq', 'drop', 'service:shop', '--yes')).toMatchObject({ exit: 0, error: 'dropped 1\n' });
      expect(logs('dlq', 'search')).toMatchObject({ exit: 1, error: 'all dead letters were sent again or dropped\n' });
      expect(logs('dlq', 'drop', '--yes')).toMatchObject({ exit: 0 });
      expect(logs('dlq', 'ls').error).toContain('there are no dead letters');
    });
  });
});

describe('dead letters of which some are damaged', () => {
  it('are sent again but for those, which are told once, with what looks at them', async () => {
    const box = join(folder, 'harmed');
    const put = async (texts: readonly string[]): Promise<void> => {
      const dead = await openDeadLetters(box, () => undefined);
      const letter = { context: {}, id: undefined, from: `file:${out}`, reason: 'r' };
      await dead.put(texts.map((text) => ({ ...letter, bytes: Buffer.from(text) })));
      await dead.close();
    };
    await put(['a', 'b', 'c']);
    const store = join(box, 'letters');
    expect(logs('store', 'compact', '--store', store).exit).toBe(0);
    const [rows = ''] = readdirSync(store, { recursive: true }).filter((name) => String(name).endsWith('.parquet'));
    const bytes = readFileSync(join(store, String(rows)));
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(join(store, String(rows)), bytes);
    await put(['d', 'e']);
    const error = `error: the answer is partial\nhint: logs store verify --store ${store} says what is wrong\n`;
    const listed = logs('dlq', 'ls', '--dead-letters', box);
    expect(listed).toMatchObject({ exit: 2, output: expect.stringMatching(/^2 refused/) });
    expect(listed.error).toMatch(/^damaged: .*\nerror/);
    expect(listed.error.endsWith(error)).toBe(true);
    const sent = logs('dlq', 'replay', '--dead-letters', box, '--to', `file:${join(folder, 'again')}`);
    expect(sent).toMatchObject({
      exit: 2,
      error: expect.stringMatching(/^2 dead letters sent again\ndamaged: .*\nerror/),
    });
    expect(sent.error.endsWith(error)).toBe(true);
    expect(readFileSync(join(folder, 'again'), 'utf8')).toMatch(/"d"[^]*"e"/);
  });
});
