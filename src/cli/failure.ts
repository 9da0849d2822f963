import { type ErrorCode, LogsError, systemReason } from '../lib/errors.ts';
import { renderError } from '../lib/render/error.ts';
import { hasDocument, hasOutput, jsonLine, OutputClosed, outputSignal } from './streams.ts';
import { usageError } from './usage-error.ts';

/** An oclif error that already printed what it wanted (`--help`): its exit code stands, nothing is shown. */
interface FrameworkError extends Error {
  readonly code?: string;
  readonly oclif?: { readonly exit?: number };
}

/**
 * The one place where an error becomes what the user sees and the exit code. Standard error gets the message, the
 * frame with a caret and the hint; with `--json` standard output gets `{"error":{"code","message","hint","exit"}}`, or
 * standard error where something stands there already.
 */
export function settle(cause: unknown, args: readonly string[]): void {
  // What comes of a standard output that takes nothing more is only its consequence.
  const thrown: unknown = outputSignal.aborted ? outputSignal.reason : cause;
  const error = thrown as FrameworkError;
  if (thrown instanceof OutputClosed) {
    process.exitCode = 0;
    return;
  }
  if (error?.code === 'EEXIT') {
    process.exitCode = error.oclif?.exit ?? 0;
    return;
  }
  const known = toLogsError(thrown);
  process.exitCode = known.exit;
  if (wantsJson(args) && !outputSignal.aborted) {
    const output = hasOutput() ? process.stderr : process.stdout;
    output.write(jsonLine({ error: errorBody(known) }, output));
    return;
  }
  // The shell already showed ^C; a second line would only say the same. But a document cut short looks whole.
  if (known.code === 'INTERRUPTED' && !hasDocument()) return;
  process.stderr.write(renderError(known));
  if (process.env.LOGS_DEBUG) process.stderr.write(`${error?.stack ?? ''}\n`);
}

/** An error as `--json` shows it: with its place where that is in a file, and with what else is wrong there. */
export function errorBody({ code, message, hint, exit, at, also }: LogsError): object {
  const { file, line, column } = at ?? {};
  return {
    code,
    message,
    hint: hint ?? null,
    exit,
    ...(file === undefined ? {} : { at: { file, line, column } }),
    ...(also.length === 0 ? {} : { also: also.map(errorBody) }),
  };
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

const SYSTEM_CODES: { readonly [code: string]: { readonly code: ErrorCode; readonly hint?: string } } = {
  ENOENT: { code: 'NOT_FOUND' },
  EACCES: { code: 'NOT_READABLE' },
  EPERM: { code: 'NOT_READABLE' },
  EISDIR: { code: 'NOT_READABLE' },
  ENOTDIR: { code: 'NOT_FOUND' },
  EROFS: { code: 'NOT_WRITABLE' },
  ENOSPC: { code: 'NO_SPACE', hint: 'make room and run it again' },
  EDQUOT: { code: 'NO_SPACE', hint: 'make room or raise the quota, and run it again' },
  EMFILE: { code: 'TOO_MANY_FILES', hint: 'raise the limit: ulimit -n 4096' },
  ENFILE: { code: 'TOO_MANY_FILES', hint: 'raise fs.file-max, or end other programs' },
};

/** What the framework and the system throw, in our own words; anything unknown is a bug of ours. */
function toLogsError(thrown: unknown): LogsError {
  if (thrown instanceof LogsError) return thrown;
  const error = thrown as FrameworkError & NodeJS.ErrnoException;
  if (error?.oclif !== undefined) return usageError(error.message);
  const known = error?.code === undefined ? undefined : SYSTEM_CODES[error.code];
  if (known !== undefined) {
    const { code, ...rest } = known;
    const at = error.path === undefined ? '' : `${error.path}: `;
    return new LogsError(code, `${at}${systemReason(thrown)}`, { ...rest, cause: thrown });
  }
  return new LogsError('INTERNAL', `unexpected: ${error?.message ?? String(thrown)}`, {
    hint: 'this is a bug: run again with LOGS_DEBUG=1 and report what it prints',
    cause: thrown,
  });
}
