import { LogsError, systemReason } from '../../errors.ts';

/** What the system said when a path was opened or read, as an error that names the path and what to do. */
export function readFailure(path: string, error: unknown): LogsError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new LogsError('NOT_FOUND', `no such file: ${path}`, {
      hint: 'check the path; quote a pattern so that it reaches logs: logs ship "/var/log/*.log"',
      cause: error,
    });
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new LogsError('TOO_MANY_FILES', `cannot open ${path}: too many files are open`, {
      hint: 'raise the limit with `ulimit -n 4096`, name fewer files at once, or ship them and ask the store',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new LogsError('NOT_READABLE', `cannot read ${path}: permission denied`, {
      hint: 'ask for the right to read it, or run as a user who has it',
      cause: error,
    });
  }
  return new LogsError('NOT_READABLE', `cannot read ${path}: ${systemReason(error)}`, { cause: error });
}
