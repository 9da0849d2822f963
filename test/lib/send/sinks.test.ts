import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFileSink } from '../../../src/lib/adapters/file/file-sink.ts';
import { nullSink } from '../../../src/lib/adapters/null/null-sink.ts';
import { stdoutSink } from '../../../src/lib/adapters/stdio/stdout-sink.ts';
import { ndjsonOf } from '../../../src/lib/app/ndjson-batch.ts';
import { sinkContract } from '../../contracts/sink.ts';

const messagesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line).message));

sinkContract('null', async () => ({ sink: nullSink(), messages: undefined, dispose: async () => undefined }));

sinkContract('standard output', async () => {
  let text = '';
  const write = async (data: string) => {
    // A reader that is slow at first must not change the order.
    await new Promise((resolve) => setTimeout(resolve, text === '' ? 5 : 0));
    text += data;
  };
  return { sink: stdoutSink(ndjsonOf, write), messages: async () => messagesOf(text), dispose: async () => undefined };
});

sinkContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'logs-sink-'));
  const path = join(folder, 'out.ndjson');
  return {
    sink: await openFileSink(path, ndjsonOf),
    messages: async () => messagesOf(await readFile(path, 'utf8')),
    dispose: () => rm(folder, { recursive: true }),
  };
});

it('names the path of a file that cannot be written', async () => {
  await expect(openFileSink('/no/such/folder/x', ndjsonOf)).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    message: /no\/such\/folder/,
  });
});
