import { open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogsError, systemReason } from '../../errors.ts';
import { parseLogId } from '../../record/log-id.ts';
import type { HandledLetters } from '../../send/dead-letters.ts';

/**
 * Log ids in a text file, one a line, each synced before it counts. A line that a power cut or a kill left half written
 * is none. Several processes may append at once.
 */
export function openHandledLetters(path: string): HandledLetters {
  return {
    async ids() {
      const text = await readFile(path, 'latin1').catch((error: unknown) => ifThere(error, path, 'read'));
      return new Set(text?.split('\n').filter((line) => parseLogId(line) !== undefined));
    },
    async add(ids) {
      if (ids.length === 0) return;
      try {
        const file = await open(path, 'a', 0o600);
        try {
          // Begun on a line of its own, whatever the last writer left.
          await file.writeFile(`\n${ids.join('\n')}\n`);
          await file.datasync();
        } finally {
          await file.close();
        }
        const folder = await open(dirname(path), 'r');
        try {
          await folder.sync();
        } finally {
          await folder.close();
        }
      } catch (error) {
        throw failure(error, path, 'write to');
      }
    },
    async clear() {
      await unlink(path).catch((error: unknown) => ifThere(error, path, 'delete'));
    },
  };
}

function ifThere(error: unknown, path: string, what: string): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw failure(error, path, what);
}

function failure(error: unknown, path: string, what: string): LogsError {
  const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return new LogsError(full ? 'NO_SPACE' : 'NOT_WRITABLE', `cannot ${what} ${path}: ${systemReason(error)}`, {
    hint: 'nothing is lost: what was sent again before may be sent once more, under the same id',
    cause: error,
  });
}
