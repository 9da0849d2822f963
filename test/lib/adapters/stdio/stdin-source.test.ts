import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogSource } from '../../../../src/lib/read/source.ts';
import { sourceContract, type SourceUnderTest } from '../../../contracts/source.ts';

const CHILD = fileURLToPath(new URL('stdin-child.mjs', import.meta.url));

interface Told {
  readonly id: number;
  readonly name?: string;
  readonly chunk?: string;
  readonly done?: boolean;
  readonly error?: string;
}

/** The source of another process, by messages. */
async function sourceOf(child: ChildProcess): Promise<LogSource> {
  const [first] = (await once(child, 'message')) as [Told];
  let last = 0;
  const ask = (op: string, more: object = {}): { id: number; told: AsyncGenerator<Told> } => {
    const id = ++last;
    const queue: Told[] = [];
    let wake = (): void => undefined;
    const take = (message: Told): void => {
      if (message.id === id) queue.push(message);
      wake();
    };
    child.on('message', take);
    child.send({ id, op, ...more });
    async function* told(): AsyncGenerator<Told> {
      for (;;) {
        const next = queue.shift();
        if (next === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        if (next.error !== undefined) throw new Error(next.error);
        if (next.done === true) break;
        yield next;
      }
      child.off('message', take);
    }
    return { id, told: told() };
  };
  return {
    name: first.name ?? '',
    identity: undefined,
    size: undefined,
    async *read(signal) {
      const { id, told } = ask('read', { aborted: signal.aborted });
      const abort = (): void => void child.send({ id, op: 'abort' });
      signal.addEventListener('abort', abort);
      try {
        for await (const { chunk } of told) yield Buffer.from(chunk ?? '', 'base64');
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async close() {
      for await (const _ of ask('close').told);
    },
  };
}

async function underTest(child: ChildProcess, cleanUp: () => void): Promise<SourceUnderTest> {
  const ended = once(child, 'exit');
  return {
    source: await sourceOf(child),
    async dispose() {
      child.kill('SIGKILL');
      await ended;
      cleanUp();
    },
  };
}

sourceContract(
  'standard input, a pipe',
  async (content, { stays }) => {
    const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'inherit', 'inherit', 'ipc'] });
    child.stdin?.on('error', () => undefined);
    if (stays) child.stdin?.write(content);
    else child.stdin?.end(content);
    return underTest(child, () => undefined);
  },
  { again: false },
);

sourceContract(
  'standard input, a file',
  async (content, { stays }) => {
    const folder = mkdtempSync(join(tmpdir(), 'logs-stdin-'));
    writeFileSync(join(folder, 'a.log'), content);
    const fd = openSync(join(folder, 'a.log'), 'r');
    // A file has all it will have: only a pipe can be silent.
    const stdin = stays ? 'pipe' : fd;
    const child = spawn(process.execPath, [CHILD], { stdio: [stdin, 'inherit', 'inherit', 'ipc'] });
    child.stdin?.write(content);
    closeSync(fd);
    return underTest(child, () => rmSync(folder, { recursive: true }));
  },
  { again: false },
);
