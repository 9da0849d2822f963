import { parseLevel } from '../record/level.ts';
import { findTime } from '../record/time.ts';
import { claim, newDraft, type Parser } from './draft.ts';

/** Where in a line its level is looked for: behind that, words are part of what is said. */
const HEAD = 160;

/** Words of a level that say it in running text, in capitals and where they stand alone. */
export const CAPITAL_LEVELS: readonly string[] =
  'TRACE DEBUG INFO NOTICE WARN WARNING ERROR ERR SEVERE FATAL CRITICAL CRIT ALERT EMERG PANIC FINE FINER FINEST VRB TRC DBG INF WRN FTL'.split(
    ' ',
  );
const CAPITALS = new RegExp(`(?<![\\w./$-])(?:${CAPITAL_LEVELS.join('|')})(?![\\w./$-])`);
/** In any case in brackets (behind a module in Apache's) or behind `level=`; a lone letter only in brackets. */
const MARKED =
  /[[<(]\s*(?:\w{1,32}:)?(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic|[TDIWEF])\s*(?:[\]>)]|[ :]\d)|\b(?:level|lvl|severity)[=:]\s*"?([a-z]{1,16})/i;
/** Seconds or milliseconds since 1970, as squid writes them. */
const EPOCH = /^1\d{9}(?:\.\d{1,9})?(?=\s)|^1\d{12}(?=\s)/;
const LEVEL_FIRST = /^[[(]?([A-Za-z]{1,11})[\]):|,]{0,2} {1,4}[[(]?(?=\d)/;
/** The scanner knows how these words begin (`isLevelAtStart` in src/scanner/levels.ts). */
const LOWER_AT_START = /^(?:trace|debug|info|notice|warn|warning|error|fatal|critical|panic)(?=:|\t|\s+-|\s*\|)/i;
/** Behind a time the word alone: `2024-… error cannot open x`. */
const WORD_BEHIND_TIME = /^\s+(trace|debug|info|warn|warning|error|fatal|critical)(?=\s)/i;
/** A channel and its level behind a time in brackets (Monolog, and so Laravel and Symfony): `] production.ERROR: `. */
const CHANNEL = /^\]\s+[\w-]{1,64}\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY):/;
/** PostgreSQL's own: behind whatever its log_line_prefix has, and two blanks after it. */
const POSTGRES = /(?<![\w./$-])(LOG|STATEMENT|DETAIL|HINT|CONTEXT): {2}/;

/** A line of text: the message is the whole line; a time at its start and a level in its head are found. */
export const parsePlain: Parser = (text, context) => {
  const draft = newDraft('plain');
  claim(draft, 'message', text);
  const bracket = timeOffset(text);
  let length = EPOCH.exec(text)?.[0].length ?? 0;
  if (length === 0 && startsLikeTime(text, bracket)) {
    const head = text.slice(bracket, bracket + HEAD);
    length = findTime(head, { zone: context.zone, receivedAt: context.receivedAt })?.length ?? 0;
  }
  if (length > 0) claim(draft, 'time', text.slice(bracket, bracket + length));
  const behind = length === 0 || bracket > 1 ? 0 : bracket + length;
  const word = (behind > 0 ? levelBehindTime(text.slice(behind, behind + HEAD)) : undefined) ?? findLevel(text, behind);
  // The level, not the word: that stays in the message.
  if (word !== undefined) claim(draft, 'level', parseLevel(word));
  return draft;
};

function levelBehindTime(head: string): string | undefined {
  const found = WORD_BEHIND_TIME.exec(head) ?? CHANNEL.exec(head);
  if (found !== null) return found[1];
  return POSTGRES.test(head) && !CAPITALS.test(head) ? 'LOG' : undefined;
}

/** The word of a level in the head of a line, from an offset on. */
export function findLevel(text: string, from = 0): string | undefined {
  const head = text.slice(from, from + HEAD);
  const start = LOWER_AT_START.exec(head.trimStart())?.[0];
  if (start !== undefined) return start;
  const found = CAPITALS.exec(head);
  if (found !== null) return found[0];
  const marked = MARKED.exec(head);
  return marked === null ? undefined : (marked[1] ?? marked[2]);
}

/** Where the time would begin: behind a bracket, or behind a level (`INFO 2024-…`, `[I 2024-…`, Ruby's `I, [2024-…`). */
function timeOffset(text: string): number {
  const behind = LEVEL_FIRST.exec(text);
  if (behind !== null && parseLevel(behind[1] ?? '') !== 'UNKNOWN') return behind[0].length;
  return text.charCodeAt(0) === 91 || text.charCodeAt(0) === 40 ? 1 : 0;
}

function startsLikeTime(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}
