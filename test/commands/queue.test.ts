import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { queueName } from '../../src/lib/adapters/queue/layout.ts';
import { openTargetQueue } from '../../src/lib/adapters/queue/target-queue.ts';
import { batchOf } from '../contracts/batch-queue.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-queue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const root = join(folder, 'queues');
// Port 1 is nobody's.
const target = { shown: 'kafka://ann@127.0.0.1:1/t', url: 'kafka://ann:***@127.0.0.1:1/t' };
const name = queueName(target.shown);

/** Not waited for by blocking: whoever asks this process who it is must get an answer. */
function logs(...line: string[]): Promise<{ output: string; error: string; exit: number | null }> {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_QUEUE: root };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...line], { env }, (_error, output, error) =>
      resolve({ output, error, exit: child.exitCode }),
    );
  });
}

const noDamage = ({ message }: Error) => expect.fail(message);

describe('the commands on queues, one after the other', () => {
  it('find nothing where there is nothing', async () => {
    expect(await logs('queue', 'ls')).toMatchObject({ output: `there are no queues in ${root}\n`, exit: 0 });
    expect(await logs('queue', 'ls', '--json')).toMatchObject({ output: '{"queues":[]}\n', exit: 0 });
    expect(await logs('queue', 'verify', 'nope')).toMatchObject({
      exit: 2,
      error: expect.stringContaining('no queue nope'),
    });
    expect(await logs('queue', 'drain', '../..')).toMatchObject({
      exit: 2,
      error: expect.stringContaining('no queue ../..'),
    });
    expect(await logs('queue', 'drain')).toMatchObject({ exit: 2, error: expect.stringContaining('--all') });
  });

  it('show what waits, and who is at work', async () => {
    const { queue } = await openTargetQueue(root, target, noDamage);
    await queue.append(batchOf(['a', 'b', 'c']));
    const [shown] = JSON.parse((await logs('queue', 'ls', '--json')).output).queues;
    expect(shown).toMatchObject({ name, target: target.shown, events: 3, bytes: 6, processes: [process.pid] });
    expect(Date.now() - Date.parse(shown.oldest)).toBeLessThan(60_000);
    await queue.close();
    expect((await logs('queue', 'ls')).output).toMatch(/events +3, 6 B[^]*at work +no process/);
  });

  it('send to nowhere in one line, with what to do', async () => {
    expect(await logs('queue', 'drain', name)).toMatchObject({
      exit: 2,
      error: expect.stringContaining('does not know the password'),
    });
    const away = await logs('queue', 'drain', name, '--to', 'kafka://127.0.0.1:1/t');
    expect(away).toMatchObject({ exit: 2, output: '' });
    expect(away.error).toMatch(/^error: kafka:\/\/127\.0\.0\.1:1\/t: .*\nhint: .*\n$/);
    expect((await logs('queue', 'drain', '--all', '--to', 'nowhere:x')).exit).toBe(2);
  });

  it('let one target that is away stop no other, and ask nothing of one with nothing to send', async () => {
    const several = join(folder, 'several');
    const names: string[] = [];
    for (const [topic, lines] of Object.entries({ a: ['x'], b: [], c: ['y'] })) {
      const url = `kafka://127.0.0.1:1/${topic}`;
      const opened = await openTargetQueue(several, { shown: url, url }, noDamage);
      if (lines.length > 0) await opened.queue.append(batchOf(lines));
      await opened.queue.close();
      names.push(opened.name);
    }
    const drained = await logs('queue', 'drain', '--all', '--queue-dir', several);
    expect(drained).toMatchObject({ exit: 2, output: `${names[1]}: 0 events sent, 0 left\n` });
    expect(drained.error).toMatch(
      /^kafka:\/\/127\.0\.0\.1:1\/c: .*\nerror: kafka:\/\/127\.0\.0\.1:1\/a: .*\nhint: .*\n$/,
    );
  });

  it('send what can be sent, though another cannot, and say in one document what ended it', async () => {
    const store = join(folder, 'store');
    const here = { shown: 'one, then store', url: `kafka://127.0.0.1:1/t,store:${store}` };
    const { queue, name: sendable } = await openTargetQueue(root, here, ({ message }) => expect.fail(message));
    await queue.append(batchOf(['x', 'y']));
    await queue.close();
    const drained = await logs('queue', 'drain', name, sendable, '--json');
    expect(drained.exit).toBe(2);
    expect(JSON.parse(drained.output)).toMatchObject({
      queues: [{ name: sendable, sent: 2, refused: 0, left: 0 }],
      error: { code: 'CONFIG', exit: 2 },
    });
    expect(await logs('search', '-c', '--store', store)).toMatchObject({ output: '2\n', exit: 0 });
    rmSync(join(root, sendable), { recursive: true });
  });

  it('find damage, and mend it', async () => {
    const log = join(root, name, 'log');
    const writer = join(log, readdirSync(log)[0] ?? '');
    const path = join(writer, readdirSync(writer).find((file) => file.endsWith('.log')) ?? '');
    const bytes = readFileSync(path);
    bytes.write('X', bytes.indexOf('a\nb\nc'));
    writeFileSync(path, bytes);
    expect(await logs('queue', 'verify')).toMatchObject({
      exit: 2,
      error: expect.stringContaining(`damaged: ${path}`),
    });
    expect(await logs('queue', 'repair')).toMatchObject({ exit: 0, output: `${name}: 0 events can be sent\n` });
    expect(await logs('queue', 'verify')).toMatchObject({ exit: 0, error: expect.stringContaining('kept apart') });
  });
});
