import type { LogsError } from '../errors.ts';
import { displayWidth } from './display-width.ts';
import { escapeToLine } from './escape.ts';

/** The widest piece of a text at fault that is shown; the caret stays in view. */
const FRAME_WIDTH = 76;

/**
 * An error as lines for a person, each ended by LF: message, the text at fault with a caret under the token, hint.
 * What else is wrong follows in the same manner. What came from files or arguments is made harmless for a terminal.
 */
export function renderError(error: LogsError): string {
  const lines = [`error: ${escapeToLine(error.message)}${place(error)}`];
  const { text, offset } = error.at ?? {};
  if (text !== undefined && offset !== undefined) lines.push(...frame(text, offset, error.at?.length ?? 1));
  if (error.hint !== undefined) lines.push(`hint: ${escapeToLine(error.hint)}`);
  return `${lines.join('\n')}\n${error.also.map(renderError).join('')}`;
}

function place(error: LogsError): string {
  const { file, line, column } = error.at ?? {};
  if (file === undefined) return '';
  return ` (${[escapeToLine(file), line, column].filter((part) => part !== undefined).join(':')})`;
}

function frame(text: string, offset: number, length: number): string[] {
  const at = Math.min(offset, text.length);
  const from = text.length <= FRAME_WIDTH ? 0 : Math.max(0, Math.min(at - FRAME_WIDTH / 2, text.length - FRAME_WIDTH));
  const to = Math.min(text.length, from + FRAME_WIDTH);
  const lead = from > 0 ? '…' : '';
  const before = escapeToLine(text.slice(from, at));
  const marked = escapeToLine(text.slice(at, Math.min(to, at + Math.max(1, length))));
  const shown = `${lead}${before}${marked}${escapeToLine(text.slice(at + Math.max(1, length), to))}${to < text.length ? '…' : ''}`;
  return [
    `  ${shown}`,
    `  ${' '.repeat(lead.length + displayWidth(before))}${'^'.repeat(Math.max(1, displayWidth(marked)))}`,
  ];
}
