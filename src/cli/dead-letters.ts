import * as Flags from '@oclif/core/flags';
import type { KeptLetter } from '../lib/send/letter-events.ts';
import { idFilter, type LetterBox, type LetterGroup, type LetterQuery } from '../lib/app/dead-letters.ts';
import { LogsError } from '../lib/errors.ts';
import { parseLogId } from '../lib/record/log-id.ts';
import { formatTime } from '../lib/record/time.ts';
import { escapeToLine } from '../lib/render/escape.ts';
import { prettyTime } from '../lib/render/record-pretty.ts';
import { dataFolder } from './base-command.ts';
import { filterFlags, timeFlags } from './flags.ts';
import { say } from './reading.ts';
import { type RequestFlags, resolveRequest } from './request.ts';

export const deadLetterFlags = {
  'dead-letters': Flags.string({
    helpValue: 'DIR',
    env: 'LOGS_DEAD_LETTERS',
    summary: 'folder of the dead letters',
    helpGroup: 'DELIVERY',
  }),
};

/** Which letters: the flags beside a query. */
export const letterQueryFlags = { ...timeFlags, level: filterFlags.level, ...deadLetterFlags };

/** `--dead-letters`, else `LOGS_DEAD_LETTERS` (read by the flag), else `$XDG_DATA_HOME/logs-dead-letters`, else below `~/.local/share`. */
export function deadLettersFolder(flag: string | undefined): string {
  return flag !== undefined && flag !== '' ? flag : dataFolder('logs-dead-letters');
}

/** Uses the letters of a folder; says so, and gives `none`, where there never were any. */
export async function withLetters<T>(dir: string, none: T, use: (box: LetterBox) => Promise<T>): Promise<T> {
  const { openLetterBox } = await import('../lib/wire/dead-letters.ts');
  const box = await openLetterBox(dir);
  if (box === undefined) {
    say(`there are no dead letters in ${dir}`);
    return none;
  }
  try {
    return await use(box);
  } finally {
    await box.close();
  }
}

/** The letters that a query, or the id of one, and flags mean. Throws USAGE, QUERY_SYNTAX, QUERY_UNSUPPORTED. */
export async function letterQuery(positionals: readonly string[], flags: RequestFlags): Promise<LetterQuery> {
  const [first, ...rest] = positionals;
  if (first !== undefined && rest.length === 0 && parseLogId(first) !== undefined) {
    const { clock, range } = await resolveRequest([], flags);
    return { filter: idFilter(first), clock, range };
  }
  const { query, clock, range, files, notes } = await resolveRequest(positionals, flags);
  for (const note of notes) say(`note: ${note}`);
  if (files.length > 0) {
    throw new LogsError('USAGE', `${files.join(' ')}: dead letters are asked, not files`, {
      hint: 'quote the whole query as one word; a word that is also the name of a file needs quotes in it: \'"word"\'',
    });
  }
  if (query.stages.length > 0) {
    throw new LogsError('QUERY_UNSUPPORTED', 'a stage says nothing of which letters are meant', {
      hint: 'use a filter alone; logs dlq search takes whole queries',
    });
  }
  return { filter: query.filter, clock, range };
}

/** A group of letters, for people. */
export function groupLines({ from, reason, count, newest, example }: LetterGroup, zone: string): string[] {
  const lines = [
    `${count.toLocaleString('en-US')} refused by ${from}: ${reason}`,
    `  the newest at ${prettyTime(newest, zone)}: logs dlq show ${example}`,
  ];
  return lines.map(escapeToLine);
}

/** What is known of a letter, for people; the event itself is not in it. */
export function letterLines({ key, at, letter }: KeptLetter, zone: string): string[] {
  const { id, from, reason, origin = {}, context } = letter;
  const places = Object.entries(origin).map(([name, value]) => `${name} ${value}`);
  const lines: readonly (readonly [string, string])[] = [
    ['id', key],
    ['refused by', from],
    ['reason', reason],
    ['at', prettyTime(at, zone)],
    ...(id === undefined ? [] : ([['sent as', id]] as const)),
    ...(places.length === 0 ? [] : ([['came from', places.join(', ')]] as const)),
    ['context', JSON.stringify(context)],
  ];
  return lines.map(([label, value]) => escapeToLine(`${label.padEnd(10)}  ${value}`));
}

/** A letter as `logs dlq show --json` prints it. */
export function letterDocument({ key, at, letter }: KeptLetter): object {
  const { bytes, id, from, reason, origin, context } = letter;
  const event = Buffer.from(bytes).toString();
  return {
    id: key,
    from,
    reason,
    at: formatTime(at),
    ...(id === undefined ? {} : { log_id: id }),
    ...(origin === undefined ? {} : { origin }),
    context,
    event,
    // Bytes that are no UTF-8 are not in the text.
    ...(Buffer.from(event).equals(bytes) ? {} : { base64: Buffer.from(bytes).toString('base64') }),
  };
}
