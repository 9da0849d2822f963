import { looksLikeAccess, parseAccess } from './access.ts';
import { looksLikeCri, parseCri } from './cri.ts';
import { looksLikeDocker, parseDocker } from './docker.ts';
import type { Parser } from './draft.ts';
import { FORMATS, type FormatName } from './formats.ts';
import { parseJson } from './json.ts';
import { looksLikeKlog, parseKlog } from './klog.ts';
import { parseLogfmt } from './logfmt.ts';
import { parsePlain } from './plain.ts';
import { priLength } from './syslog.ts';
import { parseSyslog3164 } from './syslog-3164.ts';
import { looksLike5424, parseSyslog5424 } from './syslog-5424.ts';

export { FORMATS, type FormatName };

/** The parser of each format. */
export const PARSERS: { readonly [F in FormatName]: Parser } = {
  json: parseJson,
  logfmt: parseLogfmt,
  syslog: (text, context) => (looksLike5424(text) ? parseSyslog5424 : parseSyslog3164)(text, context),
  'syslog-5424': parseSyslog5424,
  'syslog-3164': parseSyslog3164,
  access: parseAccess,
  cri: parseCri,
  docker: parseDocker,
  klog: parseKlog,
  plain: parsePlain,
};

/** Two pairs at the start, or text in prose with one `=` in it would be taken for logfmt. */
const LOGFMT = /^[A-Za-z_@][\w.@/-]{0,63}=(?:"(?:[^"\\]|\\.)*"|[^\s"=]*)\s+[A-Za-z_@][\w.@/-]{0,63}=/;
const SYSLOG_FILE = /^[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? [\w.:-]+ \S/;
/** rsyslog's newer file format; the pid is what tells it from plain text. */
const SYSLOG_ISO = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) [\w.-]{1,255} (?:[\w./-]{1,64}\[\d+\]|kernel): /;

/** The format of one line, told by how it begins: mostly by its first character. */
export function detectLine(text: string): FormatName {
  const first = text.charCodeAt(0);
  if (first === 123) return looksLikeDocker(text) ? 'docker' : 'json';
  if (first >= 48 && first <= 57) {
    if (looksLikeCri(text)) return 'cri';
    if (looksLikeAccess(text)) return 'access';
    return SYSLOG_ISO.test(text) ? 'syslog-3164' : 'plain';
  }
  if (first === 60 && priLength(text) > 0) return looksLike5424(text) ? 'syslog-5424' : 'syslog-3164';
  if (first <= 32) return text.trimStart().startsWith('{') ? 'json' : 'plain';
  if (looksLikeKlog(text)) return 'klog';
  if (SYSLOG_FILE.test(text)) return 'syslog-3164';
  if (LOGFMT.test(text)) return 'logfmt';
  return looksLikeAccess(text) ? 'access' : 'plain';
}

/**
 * The one format that all of some lines have (empty ones left out). Undefined where they differ, and for plain text:
 * then it is better found for each line.
 */
export function detectFormat(lines: readonly Uint8Array[]): FormatName | undefined {
  let common: FormatName | undefined;
  for (const line of lines) {
    const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8').trim();
    if (text === '') continue;
    const format = detectLine(text);
    if (format === 'plain' || (common !== undefined && common !== format)) return undefined;
    common = format;
  }
  return common;
}
