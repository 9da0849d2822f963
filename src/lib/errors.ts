/** Where in some input an error stands. Offsets and columns count UTF-16 units from 0 and 1 respectively. */
export interface ErrorLocation {
  /** The whole text at fault (a query, a line of a file); the caret is drawn under it. */
  readonly text?: string;
  readonly offset?: number;
  readonly length?: number;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The registry of error codes: each with the exit code of a command that ends with it, and whether
 * trying again unchanged can help. `docs/errors.md` has a line for each, held by a test.
 */
export const ERROR_CODES = {
  USAGE: { exit: 2, canRetry: false },
  QUERY_SYNTAX: { exit: 2, canRetry: false },
  QUERY_UNSUPPORTED: { exit: 2, canRetry: false },
  TIME_SYNTAX: { exit: 2, canRetry: false },
  NOT_FOUND: { exit: 2, canRetry: false },
  NOT_READABLE: { exit: 2, canRetry: false },
  NOT_WRITABLE: { exit: 2, canRetry: false },
  NO_SPACE: { exit: 2, canRetry: true },
  SYNC_FAILED: { exit: 2, canRetry: false },
  TOO_MANY_FILES: { exit: 2, canRetry: true },
  STORE_VERSION: { exit: 2, canRetry: false },
  STORE_DAMAGED: { exit: 2, canRetry: false },
  STORE_BUSY: { exit: 2, canRetry: true },
  STORE_UNSUITABLE: { exit: 2, canRetry: false },
  SOURCE_CLAIMED: { exit: 2, canRetry: true },
  INPUT_DAMAGED: { exit: 2, canRetry: false },
  CONFIG: { exit: 2, canRetry: false },
  UNREACHABLE: { exit: 2, canRetry: true },
  REMOTE_DENIED: { exit: 2, canRetry: false },
  REMOTE_TLS: { exit: 2, canRetry: false },
  REMOTE_UNSUITABLE: { exit: 2, canRetry: false },
  REMOTE_BUSY: { exit: 2, canRetry: true },
  REMOTE_FAILED: { exit: 2, canRetry: true },
  TOO_LARGE: { exit: 2, canRetry: false },
  UNDELIVERED: { exit: 2, canRetry: true },
  PARTIAL: { exit: 2, canRetry: false },
  INTERRUPTED: { exit: 130, canRetry: true },
  INTERNAL: { exit: 2, canRetry: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error a person can act on. It carries no formatting: the command line and the server each render it once. */
export class LogsError extends Error {
  readonly code: ErrorCode;
  /** What to do next, one sentence. */
  readonly hint: string | undefined;
  readonly at: ErrorLocation | undefined;
  /** Milliseconds that the other side asks to be left alone for (`Retry-After` of HTTP, throttling of Kafka). */
  readonly retryAfterMs: number | undefined;
  /** What else is wrong with the same input: a file is mended in one go. */
  readonly also: readonly LogsError[];

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      hint?: string;
      at?: ErrorLocation;
      retryAfterMs?: number;
      also?: readonly LogsError[];
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LogsError';
    this.code = code;
    this.hint = options.hint;
    this.at = options.at;
    this.retryAfterMs = options.retryAfterMs;
    this.also = options.also ?? [];
  }

  get exit(): (typeof ERROR_CODES)[ErrorCode]['exit'] {
    return ERROR_CODES[this.code].exit;
  }

  get canRetry(): boolean {
    return ERROR_CODES[this.code].canRetry;
  }
}

const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow',
  EMFILE: 'too many files are open',
  ENFILE: 'the machine has too many open files',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket',
  EIO: 'the device reports an error',
};

/** What the system said of a file, in words that can follow "cannot read it: ". */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'code' in error ? REASONS[String(error.code)] : undefined;
  // Node writes `EBUSY: resource busy or locked, open '/x'`.
  return known ?? error.message.replace(/^E[A-Z0-9]+: (.*?)(?:, \w+(?: '.*)?)?$/s, '$1');
}
