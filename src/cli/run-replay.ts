import { readFile } from 'node:fs/promises';
import { findLetter, type LetterBox, type LetterQuery } from '../lib/app/dead-letters.ts';
import { replay } from '../lib/app/replay.ts';
import { newTally } from '../lib/app/search.ts';
import { LogsError, systemReason } from '../lib/errors.ts';
import { parseLogId } from '../lib/record/log-id.ts';
import type { HandledLetters } from '../lib/send/dead-letters.ts';
import type { KeptLetter } from '../lib/send/letter-events.ts';
import { targetParts } from './ship-target.ts';
import { jsonLine, talk, writeDocument } from './streams.ts';

export interface RunReplayOptions {
  readonly letters: AsyncIterable<KeptLetter>;
  readonly handled: HandledLetters;
  readonly to: string | undefined;
  /** Folder of the store, for the address `store`. */
  readonly store: string;
  readonly json: boolean;
}

/** Sends letters again and tells what became of them. Throws UNDELIVERED where some were refused again. */
export async function runReplay(
  { letters, handled, to, store, json }: RunReplayOptions,
  signal: AbortSignal,
): Promise<0 | 1> {
  const { openReplay } = await import('../lib/app/open-delivery.ts');
  const parts = targetParts(store);
  let done = { sent: 0, refused: 0 };
  const progress = (now: { readonly sent: number; readonly refused: number }): void => void (done = now);
  const open = (url: string) => openReplay(url, { parts, tell: talk }, signal);
  try {
    const { sent, refused, reason } = await replay({ letters, handled, open, to, progress }, signal);
    if (json) await writeDocument(jsonLine({ sent, refused, ...(reason === undefined ? {} : { reason }) }));
    else talk(sent + refused === 0 ? 'no dead letter matches' : `${counted(sent)} sent again`);
    if (refused > 0) {
      throw new LogsError('UNDELIVERED', `${counted(refused)} refused again: ${reason}`, {
        hint: 'they are dead letters still; logs dlq show ID -o raw > f, mend f, logs dlq replay ID --with f',
      });
    }
    return sent === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof LogsError && error.code === 'UNDELIVERED') && done.sent > 0) {
      talk(`${counted(done.sent)} sent again before; the rest are dead letters still`);
    }
    throw error;
  }
}

/** The letter with an id, with other bytes: those of a file, without the line end that editors leave. */
export async function* mendedLetter(
  box: LetterBox,
  id: string | undefined,
  path: string,
  query: LetterQuery,
  signal: AbortSignal,
): AsyncGenerator<KeptLetter> {
  if (id === undefined || parseLogId(id) === undefined) {
    throw new LogsError('USAGE', '--with goes with the id of one dead letter', {
      hint: 'logs dlq replay ID --with FILE',
    });
  }
  const text = await readFile(path).catch((error: unknown) => {
    throw new LogsError('NOT_READABLE', `cannot read ${path}: ${systemReason(error)}`, { cause: error });
  });
  const bytes = text.at(-1) === 10 ? text.subarray(0, -1) : text;
  const kept = await findLetter(box, id, query, newTally().report, signal);
  yield { ...kept, letter: { ...kept.letter, bytes } };
}

function counted(letters: number): string {
  return `${letters.toLocaleString('en-US')} dead letter${letters === 1 ? '' : 's'}`;
}
