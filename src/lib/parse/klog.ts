import { claim, newDraft, type Parser } from './draft.ts';

const LINE = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d{1,9}) +(\d+) ([^\s\]]{1,256})\] ?(.*)$/s;

/** Kubernetes' klog and Google's glog: `I0102 03:04:05.678901   12345 file.go:67] text`. */
export const parseKlog: Parser = (text) => {
  const found = LINE.exec(text);
  if (found === null) return { error: 'klog: expected Lmmdd hh:mm:ss.uuuuuu THREAD FILE:LINE] TEXT', column: 1 };
  const draft = newDraft('klog');
  const [, level, time, thread = '', caller = '', message] = found;
  claim(draft, 'level', { I: 'INFO', W: 'WARN', E: 'ERROR', F: 'FATAL' }[level ?? 'I']);
  claim(draft, 'time', time, 'timestamp');
  claim(draft, 'message', message);
  draft.fields['thread'] = thread;
  draft.fields['caller'] = caller;
  return draft;
};

/** Whether a text begins as a klog line does. */
export function looksLikeKlog(text: string): boolean {
  return /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ /.test(text);
}
