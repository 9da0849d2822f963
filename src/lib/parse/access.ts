import { claim, newDraft, type Parser } from './draft.ts';

/** Bounded where a blank may stand inside, so that a hostile line costs linear time. */
const LINE =
  /^(\S+) (\S+) (.{1,256}?) \[([^\]]{1,64})\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(?: (.*))?$/s;
const REQUEST = /^([A-Za-z-]{1,32}) (\S+)(?: ([A-Z]{1,10}\/\d(?:\.\d)?))?$/;
const START = /^\S+ \S+ .{1,256}? \[\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:[^\]]{1,40}\] "/;

/**
 * Apache's and nginx's access logs, common and combined. The message is the whole line; status and bytes are numbers;
 * the level follows the status: 5xx ERROR, 4xx WARN, else INFO. What stands behind is kept as `extra`.
 */
export const parseAccess: Parser = (text) => {
  const found = LINE.exec(text);
  if (found === null) return { error: 'access log: expected HOST IDENT USER [TIME] "REQUEST" STATUS BYTES', column: 1 };
  const draft = newDraft('access');
  const [, client, ident, user, time, request = '', status, bytes, referrer, agent, extra] = found;
  const fields = draft.fields;
  claim(draft, 'message', text);
  claim(draft, 'time', time, 'time_local');
  claim(draft, 'level', levelOf(status));
  const set = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '-' && value !== '') fields[key] = unescape(value);
  };
  set('client_ip', client);
  set('ident', ident);
  set('user', user);
  const parts = REQUEST.exec(request);
  if (parts === null) set('request', request);
  else {
    set('method', parts[1]);
    set('path', parts[2]);
    set('protocol', parts[3]);
  }
  if (status !== undefined && status !== '-') fields['status'] = Number(status);
  if (bytes !== undefined && bytes !== '-' && bytes.length <= 15) fields['bytes'] = Number(bytes);
  set('referrer', referrer);
  set('user_agent', agent);
  set('extra', extra);
  return draft;
};

/** Whether a text begins as an access log's line does. */
export function looksLikeAccess(text: string): boolean {
  return text.includes('] "') && START.test(text);
}

function levelOf(status: string | undefined): string {
  if (status?.startsWith('5')) return 'ERROR';
  return status?.startsWith('4') ? 'WARN' : 'INFO';
}

function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}
