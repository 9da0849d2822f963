import { claim, newDraft, type Parser } from './draft.ts';
import { mergeContainerLine } from './container.ts';

const LINE = /^(\d{4}-\d\d-\d\dT\S{8,40}) (stdout|stderr) ([FP])(?::\S*)?(?: (.*))?$/s;

/** The lines of containerd and CRI-O in /var/log/pods: `TIME stdout F text`; P marks a part of a longer line. */
export const parseCri: Parser = (text, context) => {
  const found = LINE.exec(text);
  if (found === null) return { error: 'CRI: expected TIME stdout|stderr F|P TEXT', column: 1 };
  const draft = newDraft('cri');
  const [, time, stream = '', tag, line = ''] = found;
  claim(draft, 'time', time, 'time');
  draft.fields['stream'] = stream;
  if (tag === 'P') draft.fields['partial'] = true;
  mergeContainerLine(draft, context.inner(line));
  return draft;
};

/** Whether a text begins as a CRI line does. */
export function looksLikeCri(text: string): boolean {
  return text.charCodeAt(4) === 45 && /^\d{4}-\d\d-\d\dT\S{8,40} (?:stdout|stderr) [FP][ :]/.test(text);
}
