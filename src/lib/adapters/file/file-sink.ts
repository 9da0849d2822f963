import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogsError, systemReason } from '../../errors.ts';
import type { EventBatch } from '../../record/batch.ts';
import type { LogSink } from '../../send/sink.ts';

const LF = 0x0a;

/**
 * Appends NDJSON to a file, made if it is not there (mode 0600). A batch counts as accepted when it is written;
 * `close` syncs it to the disk. Of a batch that cannot be written whole nothing stays, and none after it is taken. A
 * last line that has no end, of a process that was killed or a power cut, is ended before anything is appended, and
 * `tell` hears of it. Throws NOT_WRITABLE or NO_SPACE, naming the path.
 */
export async function openFileSink(
  path: string,
  encode: (batch: EventBatch) => string,
  tell: (text: string) => void,
): Promise<LogSink> {
  const handle: FileHandle = await open(path, 'a', 0o600).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  let torn = await endsInsideLine(path, handle);
  let failure: LogsError | undefined;
  let last: Promise<void> = Promise.resolve();
  const write = async (batch: EventBatch) => {
    if (failure !== undefined) throw failure;
    try {
      await appendWhole(handle, Buffer.from(torn ? `\n${encode(batch)}` : encode(batch)));
    } catch (error) {
      failure = writeFailure(path, error);
      throw failure;
    }
    if (torn) tell(`${path} ended inside a line: it stays as it is, and what is new begins on the next`);
    torn = false;
  };
  return {
    send(batch) {
      const written = last.then(() => write(batch));
      last = written.catch(() => undefined);
      return written.then(() => ({ accepted: batch.events, rejected: [] }));
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

/** Whether a file has a last line that no LF ends; of what may not be read, or is no file, it is not known. */
async function endsInsideLine(path: string, appending: FileHandle): Promise<boolean> {
  const info = await appending.stat();
  if (!info.isFile() || info.size === 0) return false;
  const reading = await open(path, 'r').catch(() => undefined);
  if (reading === undefined) return false;
  try {
    const { bytesRead, buffer } = await reading.read(Buffer.alloc(1), 0, 1, info.size - 1);
    return bytesRead === 1 && buffer[0] !== LF;
  } finally {
    await reading.close();
  }
}

/**
 * Appends all bytes or, where the file takes only a part, takes that part back: half a line would be glued to the next.
 * What another process appended behind it meanwhile is never cut off.
 */
async function appendWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  const before = await handle.stat();
  let written = 0;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
  } catch (error) {
    if (before.isFile() && written > 0) {
      const { size } = await handle.stat();
      if (size === before.size + written) await handle.truncate(before.size);
    }
    throw error;
  }
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
