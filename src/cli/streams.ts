import { LogsError, systemReason } from '../lib/errors.ts';
import { escapeJson, escapeToLine } from '../lib/render/escape.ts';
import { renderError } from '../lib/render/error.ts';

/** The reader of standard output has left (`| head -1`): nothing more is wanted, and that is success. */
export class OutputClosed extends Error {
  constructor() {
    super('standard output was closed');
    this.name = 'OutputClosed';
  }
}

const closed = new AbortController();
let failure: LogsError | undefined;

/** Aborted with `OutputClosed` when the reader of standard output has gone, or with what else a write to it met. */
export const outputSignal = closed.signal;

/** Takes the errors of standard output and standard error out of Node's hands, which would end with 1. */
export function watchOutput(): void {
  // The framework listens too, and throws what is not EPIPE: by then it has to be known what it was.
  process.stdout.prependListener('error', noteFailure);
  // A closed standard error loses talk, never data: the command goes on.
  process.stderr.on('error', () => undefined);
}

/** What is said when nobody reads standard output any more. */
export function readerGone(): void {
  closed.abort(new OutputClosed());
}

function noteFailure(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EPIPE') {
    readerGone();
    return;
  }
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  failure ??= new LogsError(
    full ? 'NO_SPACE' : 'NOT_WRITABLE',
    `cannot write to standard output: ${systemReason(error)}`,
    { hint: 'what was written is not whole: run it again with another file behind >', cause: error },
  );
  closed.abort(failure);
}

/** A JSON document on a line of a stream; a terminal gets what it would obey as JSON's own escapes. */
export function jsonLine(value: unknown, stream: { readonly isTTY?: boolean } = process.stdout): string {
  const json = JSON.stringify(value);
  return `${stream.isTTY === true ? escapeJson(json) : json}\n`;
}

let written = false;

/** Whether standard output has anything of the answer: what is no part of it must not follow. */
export function hasOutput(): boolean {
  return written;
}

/** Writes data to standard output and waits while its reader is slower than we are. */
export async function writeOutput(data: string | Uint8Array): Promise<void> {
  closed.signal.throwIfAborted();
  written ||= data.length > 0;
  if (data.length === 0 || process.stdout.write(data)) return;
  await new Promise<void>((resolve, reject) => {
    const settleWith = (done: () => void) => {
      process.stdout.off('drain', drained);
      closed.signal.removeEventListener('abort', aborted);
      done();
    };
    const drained = () => settleWith(resolve);
    const aborted = () => settleWith(() => reject(closed.signal.reason));
    process.stdout.once('drain', drained);
    closed.signal.addEventListener('abort', aborted, { once: true });
  });
}

let documented = false;

/** Whether standard output has the one JSON document that it can hold, or its beginning: an error must not follow it. */
export function hasDocument(): boolean {
  return documented;
}

/** Writes the one JSON document of standard output, or a part of it. */
export function writeDocument(data: string | Uint8Array): Promise<void> {
  documented ||= data.length > 0;
  return writeOutput(data);
}

/** A line of talk, on standard error; text from elsewhere in it is made harmless. */
export function talk(line: string): void {
  process.stderr.write(`${escapeToLine(line)}\n`);
}

/** Waits until what was written has left the process; a full disk behind `>` is a failure like any other. */
export async function flushOutput(): Promise<void> {
  if (!closed.signal.aborted) {
    await new Promise<void>((resolve) => {
      process.stdout.write('', () => resolve());
    });
  }
  if (failure === undefined || (process.exitCode ?? 0) !== 0) return;
  process.exitCode = failure.exit;
  process.stderr.write(renderError(failure));
}
