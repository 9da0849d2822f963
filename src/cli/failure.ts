import { type ErrorCode, LogsError } from '../lib/errors.ts';
import { renderError } from '../lib/render/error.ts';
import { jsonLine, OutputClosed } from './streams.ts';

/** An oclif error that already printed what it wanted (`--help`): its exit code stands, nothing is shown. */
interface FrameworkError extends Error {
  readonly code?: string;
  readonly oclif?: { readonly exit?: number };
}

/**
 * The one place where an error becomes what the user sees and the exit code. Standard error gets the message, the
 * frame with a caret and the hint; with `--json` standard output gets `{"error":{"code","message","hint","exit"}}`.
 */
export function settle(thrown: unknown, args: readonly string[]): void {
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
  if (wantsJson(args)) {
    const body = { code: known.code, message: known.message, hint: known.hint ?? null, exit: known.exit };
    process.stdout.write(jsonLine({ error: body }));
    return;
  }
  // The shell already showed ^C; a second line would only say the same.
  if (known.code === 'INTERRUPTED') return;
  process.stderr.write(renderError(known));
  if (process.env.LOGS_DEBUG) process.stderr.write(`${error?.stack ?? ''}\n`);
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

const SYSTEM_CODES: { readonly [code: string]: ErrorCode } = {
  ENOENT: 'NOT_FOUND',
  EACCES: 'NOT_READABLE',
  EPERM: 'NOT_READABLE',
  EISDIR: 'NOT_READABLE',
  ENOTDIR: 'NOT_FOUND',
  EROFS: 'NOT_WRITABLE',
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EMFILE: 'TOO_MANY_FILES',
  ENFILE: 'TOO_MANY_FILES',
};

/** What the framework and the system throw, in our own words; anything unknown is a bug of ours. */
function toLogsError(thrown: unknown): LogsError {
  if (thrown instanceof LogsError) return thrown;
  const error = thrown as FrameworkError & NodeJS.ErrnoException;
  if (error?.oclif !== undefined) {
    // The framework's errors span lines and end with advice of its own.
    const message = error.message
      .replace(/\nSee more help with --help\s*$/, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/^Parsing (--\S+) Expected (an integer.*) but received: (.*)$/, '$1 takes $2, not $3');
    return new LogsError('USAGE', message, { hint: 'add --help to see what it takes' });
  }
  const code = error?.code === undefined ? undefined : SYSTEM_CODES[error.code];
  if (code !== undefined) return new LogsError(code, error.message, { cause: thrown });
  return new LogsError('INTERNAL', `unexpected: ${error?.message ?? String(thrown)}`, {
    hint: 'this is a bug: run again with LOGS_DEBUG=1 and report what it prints',
    cause: thrown,
  });
}
