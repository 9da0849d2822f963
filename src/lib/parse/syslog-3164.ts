import { findTime } from '../record/time.ts';
import { claim, newDraft, type Parser } from './draft.ts';
import { openMessage } from './json.ts';
import { priLength, takePri } from './syslog.ts';

const HOST = /([\w.:-]{1,255}) /y;
const TAG = /([^\s:[\]]{1,64})(?:\[([^\]\s]{1,64})\])?:(?: |$)/y;

/**
 * RFC 3164 as it is found: `<PRI>` (in files there is none), a time (the year-less one, with year, or RFC 3339), host,
 * `tag[pid]:`, text. The RFC demands that whatever has a PRI is taken: what is missing is told in `_syslog_error`.
 */
export const parseSyslog3164: Parser = (text, context) => {
  const draft = newDraft('syslog-3164');
  let at = priLength(text);
  takePri(draft, text);
  const after = text.slice(at);
  const time = findTime(after, { zone: context.zone, receivedAt: context.receivedAt });
  if (time === undefined || !time.dated) {
    if (at === 0) return { error: 'syslog RFC 3164: neither PRI nor time', column: 1 };
    draft.fields['_syslog_error'] ??= 'no time after PRI';
  } else {
    claim(draft, 'time', after.slice(0, time.length), 'timestamp');
    at += time.length;
    while (text[at] === ' ') at++;
    HOST.lastIndex = at;
    const host = HOST.exec(text);
    // `tag: text` without a host, as local senders write to /dev/log.
    if (host !== null && !host[1]?.endsWith(':')) {
      claim(draft, 'host', host[1]);
      at = HOST.lastIndex;
    }
  }
  TAG.lastIndex = at;
  const tag = TAG.exec(text);
  if (tag !== null) {
    claim(draft, 'service', tag[1]);
    if (tag[2] !== undefined) draft.fields['pid'] = tag[2];
    at = TAG.lastIndex;
  }
  claim(draft, 'message', text.slice(at));
  openMessage(draft, 0);
  return draft;
};
