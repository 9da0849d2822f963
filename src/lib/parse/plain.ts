import { findTime } from '../record/time.ts';
import { claim, newDraft, type Parser } from './draft.ts';

/** Where in a line its level is looked for: behind that, words are part of what is said. */
const HEAD = 160;

/** Words of a level in capitals, or in any case inside brackets; a lone letter only in brackets. */
const LEVEL =
  /(?<![\w./$-])(?:(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC|FINE|FINER|FINEST)(?![\w./$-])|[[<(]\s*(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic|T|D|I|W|E|F)\s*(?:[\]>)]|[ :]\d))/i;
const LOWER_AT_START = /^(?:trace|debug|info|notice|warn|warning|error|fatal|critical|panic)(?=:|\s+-|\s*\|)/i;

/** A line of text: the message is the whole line; a time at its start and a level in its head are found. */
export const parsePlain: Parser = (text, context) => {
  const draft = newDraft('plain');
  claim(draft, 'message', text);
  const bracket = text.charCodeAt(0) === 91 || text.charCodeAt(0) === 40 ? 1 : 0;
  const time = startsLikeTime(text, bracket)
    ? findTime(bracket === 0 ? text : text.slice(1), { zone: context.zone, receivedAt: context.receivedAt })
    : undefined;
  if (time !== undefined) claim(draft, 'time', text.slice(bracket, bracket + time.length));
  claim(draft, 'level', findLevel(text, time === undefined ? 0 : bracket + time.length));
  return draft;
};

/** The word of a level in the head of a line, from an offset on. */
export function findLevel(text: string, from = 0): string | undefined {
  const head = text.slice(from, from + HEAD);
  const start = LOWER_AT_START.exec(head.trimStart())?.[0];
  if (start !== undefined) return start;
  const found = LEVEL.exec(head);
  if (found === null) return undefined;
  const word = found[1];
  if (word === undefined || word === word.toUpperCase()) return word ?? found[2];
  return undefined;
}

function startsLikeTime(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}
