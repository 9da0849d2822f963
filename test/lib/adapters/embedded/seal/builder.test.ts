import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import { buildSegments } from '../../../../../src/lib/adapters/embedded/seal/builder.ts';
import { scannerFor } from '../../../../../src/lib/adapters/embedded/seal/shared-scanner.ts';
import { deleteSpareFiles } from '../../../../../src/lib/adapters/embedded/seal/plain-files.ts';
import { countUnparsedInLog } from '../../../../../src/lib/adapters/embedded/write/unparsed.ts';
import { type Fs, nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { LogFileWriter } from '../../../../../src/lib/buffer/log-file-writer.ts';

const NOW = Date.parse('2024-03-02T12:00:00Z');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-builder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function logOf(...frames: (string | Buffer)[]): Promise<{ path: string; file: string }> {
  const log = await LogFileWriter.create(nodeFs, folder, 1, NOW, () => NOW);
  for (const text of frames) {
    const payload = Buffer.from(text);
    const lines = payload.filter((byte) => byte === 10).length;
    await log.append({ payload, lines, context: { zone: 'UTC' } });
  }
  await log.finish();
  return { path: log.path, file: log.file };
}

function build(log: { path: string; file: string }, name: string, fs: Fs = nodeFs) {
  return buildSegments({ tenantDir: folder, ...log, writer: '0123456789ab', name, consumed: [] }, fs);
}

const left = (name: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes(name));

describe('buildSegments', () => {
  it('reads back what is not UTF-8, empty lines and several days', async () => {
    const log = await logOf(
      Buffer.from('{"time":"2024-03-01T00:00:00Z","msg":"a"}\n\nb \xff\xfe\n\ufeffc\n', 'latin1'),
      '{"time":"2024-03-02T00:00:00Z","msg":"d"}\r\n{"time":"2024-03-01T00:00:01Z","msg":"\u{1f600}"}\n',
      Buffer.from([0xc3, 0x28, 10, 0x80, 10]),
    );
    const { added } = await build(log, 'odd');
    expect(added.map(({ day, rows }) => [day, rows])).toEqual([
      ['2024.03.01', 2],
      ['2024.03.02', 5],
    ]);
    deleteSpareFiles();
    expect(left('odd')).toHaveLength(4);
  });

  it('counts the events that could not be parsed, by frame, as reading the log does', async () => {
    const log = await logOf('{"a":1}\n{"a":\n{"b"}\n', '{"a":2}\nplain text\n', '{"c":1,}\n');
    const { unparsed } = await build(log, 'bad');
    expect(unparsed).toEqual([
      [1, 2],
      [3, 1],
    ]);
    const bytes = await nodeFs.readFile(log.path);
    expect(countUnparsedInLog(bytes, log.file, 1)).toBe(3);
    expect(countUnparsedInLog(bytes, log.file, 2)).toBe(1);
  });

  it('reads its own log though the scanner that has it is given up meanwhile, for want of memory', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `{"time":"2024-03-01T00:00:00Z","msg":"event ${at}"}\n`);
    const log = await logOf(lines.join(''), lines.join(''));
    const fs: Fs = {
      ...nodeFs,
      async readFile(path) {
        if (path !== '/before') return nodeFs.readFile(path);
        const use = vi.spyOn(Scanner.prototype, 'use').mockImplementation(() => {
          throw new RangeError('out of memory');
        });
        expect(() => scannerFor(['some', 'other'])).toThrow('out of memory');
        use.mockRestore();
        throw new Error('compacted away');
      },
    };
    const request = { tenantDir: folder, ...log, writer: '0123456789ab', name: 'moved', consumed: [] };
    const { added } = await buildSegments({ ...request, before: '/before' }, fs);
    expect(added).toMatchObject([{ day: '2024.03.01', rows: 6000, rawBytes: lines.join('').length * 2 }]);
  });

  it.each([
    ['the text', '{"time":"2024-03-01T00:00:00Z","msg":"one"}\n', '{"time":"2024-03-01T00:00:00Z","msg":"two"}\n'],
    ['the time', '{"time":"2024-03-01T00:00:00Z","msg":"one"}\n', '{"time":"2024-03-01T00:00:01Z","msg":"one"}\n'],
    ['the number of rows', 'one\n', 'one\none\n'],
    ['bytes that are not UTF-8', Buffer.from([0x80, 10]), Buffer.from([0x81, 10])],
  ])('refuses a segment whose rows differ from the log in %s, and leaves no file', async (what, text, other) => {
    const name = `swap-${what.replaceAll(' ', '-')}`;
    const kept = join(folder, 'kept');
    const keep: Fs = {
      ...nodeFs,
      async rename(from, to) {
        if (to.endsWith('.parquet')) copyFileSync(from, kept);
        await nodeFs.rename(from, to);
      },
    };
    await build(await logOf(other), `${name}-other`, keep);
    const swap: Fs = {
      ...nodeFs,
      async rename(from, to) {
        await nodeFs.rename(from, to);
        if (to.endsWith('.parquet')) copyFileSync(kept, to);
      },
    };
    const log = await logOf(text);
    await expect(build(log, name, swap)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(left(`${name}.`)).toEqual([]);
  });
});
