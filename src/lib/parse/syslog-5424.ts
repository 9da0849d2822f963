import { type Fields } from '../record/record.ts';
import { claim, define, newDraft, type Parser } from './draft.ts';
import { openMessage } from './json.ts';
import { priLength, takePri } from './syslog.ts';

const HEADER = /^<\d{1,3}>\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)/;
const ID = /[^\s=\]"]{1,255}/y;
const PARAM = / +([^\s=\]"]{1,255})="((?:[^"\\\]]|\\.|\\$)*)"/y;

/** RFC 5424: `<PRI>1 TIME HOST APP PROCID MSGID [SD] MSG`. `-` is a value that is absent. */
export const parseSyslog5424: Parser = (text) => {
  const found = HEADER.exec(text);
  if (found === null) return { error: 'syslog RFC 5424: expected <PRI>VERSION TIME HOST APP PROCID MSGID', column: 1 };
  const draft = newDraft('syslog-5424');
  takePri(draft, text);
  const [, time, host, app, procid, msgid] = found.map(present);
  claim(draft, 'time', time, 'timestamp');
  claim(draft, 'host', host);
  claim(draft, 'service', app);
  if (procid !== undefined) draft.fields['procid'] = procid;
  if (msgid !== undefined) draft.fields['msgid'] = msgid;
  let rest = text.slice(found[0].length);
  if (rest === '-' || rest.startsWith('- ')) rest = rest.slice(2);
  else if (rest.startsWith('[')) {
    const data = readStructuredData(rest);
    if (data.error !== undefined)
      draft.fields['_syslog_error'] = `${data.error} at column ${found[0].length + data.end + 1}`;
    if (Object.keys(data.elements).length > 0) draft.fields['structured_data'] = data.elements;
    rest = data.error === undefined ? rest.slice(data.end).replace(/^ /, '') : rest;
  } else if (rest !== '') draft.fields['_syslog_error'] = `no structured data at column ${found[0].length + 1}`;
  if (rest.charCodeAt(0) === 0xfeff) rest = rest.slice(1);
  claim(draft, 'message', rest);
  openMessage(draft, 0);
  return draft;
};

/** Whether a text begins as RFC 5424 has it: `<PRI>1 `. */
export function looksLike5424(text: string): boolean {
  const at = priLength(text);
  return at > 0 && text.startsWith('1 ', at);
}

function present(value: string | undefined): string | undefined {
  return value === '-' ? undefined : value;
}

function readStructuredData(text: string): { elements: Fields; end: number; error?: string } {
  const elements: Fields = {};
  let at = 0;
  while (text[at] === '[') {
    ID.lastIndex = at + 1;
    const id = ID.exec(text)?.[0];
    if (id === undefined) return { elements, end: at, error: 'structured data without a name' };
    at = ID.lastIndex;
    const params: Fields = {};
    for (;;) {
      PARAM.lastIndex = at;
      const param = PARAM.exec(text);
      if (param === null) break;
      define(params, param[1] ?? '', (param[2] ?? '').replace(/\\(["\\\]])/g, '$1'));
      at = PARAM.lastIndex;
    }
    if (text[at] !== ']') return { elements, end: at, error: 'structured data does not end' };
    define(elements, id, params);
    at++;
  }
  return { elements, end: at };
}
