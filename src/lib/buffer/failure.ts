import { type ErrorCode, LogsError } from '../errors.ts';
import { errorCode } from './fs.ts';

const CODES: { readonly [code: string]: { readonly code: ErrorCode; readonly says: string; readonly hint: string } } = {
  ENOSPC: {
    code: 'NO_SPACE',
    says: 'no space left',
    hint: 'Free some space on that file system, then send again what was not acknowledged.',
  },
  EDQUOT: {
    code: 'NO_SPACE',
    says: 'the disk quota is used up',
    hint: 'Free some space or raise the quota, then send again what was not acknowledged.',
  },
  EFBIG: { code: 'NO_SPACE', says: 'the file may not grow', hint: 'Raise the limit of file sizes (ulimit -f).' },
  EACCES: {
    code: 'NOT_WRITABLE',
    says: 'permission denied',
    hint: 'Give yourself the right to write there, or choose another folder with --store.',
  },
  EPERM: {
    code: 'NOT_WRITABLE',
    says: 'not permitted',
    hint: 'Give yourself the right to write there, or choose another folder with --store.',
  },
  EROFS: {
    code: 'NOT_WRITABLE',
    says: 'the file system is read-only',
    hint: 'Choose a folder on a writable file system with --store.',
  },
  ENOTDIR: {
    code: 'NOT_WRITABLE',
    says: 'a part of the path is not a folder',
    hint: 'Choose another folder with --store.',
  },
  EMFILE: { code: 'TOO_MANY_FILES', says: 'too many open files', hint: 'Raise the limit of open files (ulimit -n).' },
  ENFILE: {
    code: 'TOO_MANY_FILES',
    says: 'the machine has too many open files',
    hint: 'Raise fs.file-max, or end other programs.',
  },
  EIO: {
    code: 'SYNC_FAILED',
    says: 'the disk reports an error',
    hint: 'Check the disk (dmesg tells more); what was not acknowledged has to be sent again.',
  },
};

/** An error of a file call as one of ours, naming `path`; one of ours stays as it is. */
export function fileFailure(error: unknown, path: string, doing: string): LogsError {
  if (error instanceof LogsError) return error;
  const known = CODES[errorCode(error) ?? ''];
  if (known?.code === 'NOT_WRITABLE' && /^(?:read|list)\b/.test(doing)) {
    return new LogsError('NOT_READABLE', `cannot ${doing} ${path}: ${known.says}`, {
      hint: 'Give yourself the right to read it, or choose another folder with --store.',
      cause: error,
    });
  }
  if (known !== undefined) {
    return new LogsError(known.code, `cannot ${doing} ${path}: ${known.says}`, { hint: known.hint, cause: error });
  }
  const says = error instanceof Error ? error.message : String(error);
  return new LogsError('INTERNAL', `cannot ${doing} ${path}: ${says}`, { cause: error });
}

/** A failed sync: the bytes may or may not be on the disk, so nothing of it counts, and trying again proves nothing. */
export function syncFailure(error: unknown, path: string): LogsError {
  if (error instanceof LogsError) return error;
  const known = CODES[errorCode(error) ?? ''];
  if (known?.code === 'NO_SPACE') return fileFailure(error, path, 'write to');
  return new LogsError(
    'SYNC_FAILED',
    `cannot bring ${path} to the disk: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint: 'Check the disk (dmesg tells more); what was not acknowledged has to be sent again.',
      cause: error,
    },
  );
}
