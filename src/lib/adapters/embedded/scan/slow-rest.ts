import type { LogRecord } from '../../../record/record.ts';
import { MARK, MARK_BASE, MARK_BYTES, timeForm } from '../segment/marks.ts';
import { escapeJson } from '../segment/rebuild.ts';

/** Shorter ones are in the line by chance as well, and save nothing. UTF-16 units. */
const SHORTEST = 8;

/**
 * A line without its message and its time, with marks in their place; undefined where nothing is to be taken out.
 * Filling the marks gives the line's very text, whatever stood where.
 */
export function restOf(line: string, record: LogRecord): string | undefined {
  if (MARK_BYTES.test(line)) return undefined;
  const short = withoutMessage(line, record.message);
  const rest = withoutTime(short ?? line, record);
  return rest === line ? undefined : rest;
}

function withoutMessage(line: string, message: string | undefined): string | undefined {
  if (message === undefined || message.length < SHORTEST) return undefined;
  const once = escapeJson(message);
  // Of a line of text the message is mostly the end.
  return (
    replaced(line, line.lastIndexOf(message), message.length, MARK.plainMessage) ??
    replaced(line, line.indexOf(once), once.length, MARK.message) ??
    replacedTwice(line, once)
  );
}

function replacedTwice(line: string, once: string): string | undefined {
  const twice = escapeJson(once);
  return replaced(line, line.indexOf(twice), twice.length, MARK.innerMessage);
}

function withoutTime(line: string, { ts, tsText }: LogRecord): string {
  const form = tsText === undefined ? undefined : timeForm(tsText, ts);
  if (tsText === undefined || form === undefined) return line;
  const mark = MARK.time + String.fromCharCode(MARK_BASE + form);
  return replaced(line, line.indexOf(tsText), tsText.length, mark) ?? line;
}

function replaced(line: string, at: number, length: number, mark: string): string | undefined {
  return at === -1 ? undefined : line.slice(0, at) + mark + line.slice(at + length);
}
