import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import { MARK_BASE } from '../../../query/key-columns.ts';
import { MARK, timeText } from './marks.ts';

/** What a row's line is made of again, where it is UTF-8. */
export interface StoredRow {
  readonly ts: bigint;
  /** `ROW_FLAGS`. */
  readonly flags: number;
  readonly message: string | undefined;
  readonly rest: string;
  /** Text of the column with a mark's index: `MARKED_ROLES`, then the promoted keys. */
  column(index: number): string | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
const VALUES = /[\u0005\u0006][^]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
const ALL = /[\u0005\u0006][^]|[\u0002-\u0004]/g;

/** The message with its marks filled in. */
export function rebuildMessage(row: StoredRow): string | undefined {
  const { message, flags } = row;
  if (message === undefined || (flags & ROW_FLAGS.MARKS) === 0) return message;
  return message.replace(VALUES, (mark) => valueOf(row, mark));
}

/** The line as it was received. */
export function rebuildLine(row: StoredRow): string {
  if ((row.flags & ROW_FLAGS.WHOLE) !== 0) return row.rest;
  return row.rest.replace(ALL, (mark) => {
    switch (mark[0]) {
      case MARK.message:
        return escapeJson(rebuildMessage(row) ?? '');
      case MARK.innerMessage:
        return escapeJson(escapeJson(rebuildMessage(row) ?? ''));
      case MARK.plainMessage:
        return rebuildMessage(row) ?? '';
      default:
        return valueOf(row, mark);
    }
  });
}

/**
 * The inside of a JSON string as most programs write it: `\" \\ \b \t \n \f \r`, other control characters as `\u` and
 * four hexadecimal digits in lower case, all else raw.
 */
export function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function valueOf(row: StoredRow, mark: string): string {
  const index = mark.charCodeAt(1) - MARK_BASE;
  return mark[0] === MARK.time ? timeText(row.ts, index) : (row.column(index) ?? '');
}
