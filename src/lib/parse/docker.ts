import type { Fields, FieldValue } from '../record/record.ts';
import { mergeContainerLine } from './container.ts';
import { define, type Parser } from './draft.ts';
import { draftOf, isFields } from './json.ts';
import { JsonError, readJson } from './json-reader.ts';

/** Docker's json-file driver: `{"log":"text\n","stream":"stdout","time":"…"}`; the text is read again by detection. */
export const parseDocker: Parser = (text, context) => {
  try {
    const { value, duplicateKeys } = readJson(text);
    if (!isFields(value) || typeof value['log'] !== 'string')
      return { error: 'Docker: no "log" with a text in it', column: 1 };
    const rest: Fields = {};
    for (const key of Object.keys(value)) if (key !== 'log') define(rest, key, value[key] as FieldValue);
    const draft = draftOf(rest, 0);
    draft.format = 'docker';
    if (duplicateKeys) draft.fields['_duplicate_keys'] = true;
    mergeContainerLine(draft, context.inner(value['log'].replace(/\r?\n$/, '')));
    return draft;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message === 'depth' ? { error: 'depth' } : { error: error.message, column: error.offset + 1 };
  }
};

/** Whether a JSON line is one of Docker's. */
export function looksLikeDocker(text: string): boolean {
  return text.startsWith('{"log":"') && text.includes('"stream":"std') && text.includes('"time":"');
}
