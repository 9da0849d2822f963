import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogsError, systemReason } from '../../errors.ts';
import type { EventBatch } from '../../record/batch.ts';
import type { LogSink } from '../../send/sink.ts';

/**
 * Appends NDJSON to a file, made if it is not there (mode 0600). A batch counts as accepted when it is written;
 * `close` syncs it to the disk. Throws NOT_WRITABLE or NO_SPACE, naming the path.
 */
export async function openFileSink(path: string, encode: (batch: EventBatch) => string): Promise<LogSink> {
  const handle: FileHandle = await open(path, 'a', 0o600).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  let last: Promise<void> = Promise.resolve();
  return {
    send(batch) {
      const written = last.then(() => handle.appendFile(encode(batch)));
      last = written.catch(() => undefined);
      return written.then(
        () => ({ accepted: batch.events, rejected: [] }),
        (error: unknown) => {
          throw writeFailure(path, error);
        },
      );
    },
    marks: async () => new Map(),
    async close() {
      await last;
      try {
        if ((await handle.stat()).isFile()) await handle.datasync();
      } catch (error) {
        throw writeFailure(path, error);
      } finally {
        await handle.close();
      }
    },
  };
}

function writeFailure(path: string, error: unknown): LogsError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const full = FULL.has(code);
  // Of a file that is opened to be made, it can only be its folder that is not there.
  const reason = code === 'ENOENT' ? `there is no folder ${dirname(path)}` : systemReason(error);
  return new LogsError(full ? 'NO_SPACE' : 'NOT_WRITABLE', `cannot write to ${path}: ${reason}`, {
    hint: full
      ? 'make room, or write elsewhere with --to'
      : (HINTS[code] ?? 'name a file that you may write with --to'),
    cause: error,
  });
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

const HINTS: { readonly [code: string]: string } = {
  ENOENT: 'make the folder first, or name another file with --to',
  EISDIR: 'name a file in it, for example --to file:out/app.ndjson',
};
