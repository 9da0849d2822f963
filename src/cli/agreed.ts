import { createInterface } from 'node:readline/promises';
import { LogsError } from '../lib/errors.ts';
import { escapeToLine } from '../lib/render/escape.ts';

/** Asks on the terminal, where no is what is meant by saying nothing. Throws USAGE where nobody is there to be asked. */
export async function agreed(question: string, signal: AbortSignal): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new LogsError('USAGE', `nobody is there to be asked: ${question}`, { hint: 'add --yes' });
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${escapeToLine(question)} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
