import { type EventContext, type Fields, type FieldValue, type LogRecord, RawNumber } from '../../../record/record.ts';

/** All texts of a record that a query may look for words in, decoded, between line ends. Not its time and its level. */
export function recordWords(record: LogRecord): string {
  const words: string[] = [];
  for (const text of [record.message, record.service, record.host, record.trace_id, record.span_id]) {
    if (text !== undefined) words.push(text);
  }
  addFields(record.fields, words);
  return words.join('\n');
}

/** All texts that a context adds to its records. */
export function contextWords({ service, host, file, fields }: EventContext): string {
  const added = file === undefined ? [] : ['file', file];
  for (const [key, value] of Object.entries(fields ?? {})) added.push(key, value);
  return [service ?? '', host ?? '', ...added].join('\n');
}

function addFields(fields: Fields, words: string[]): void {
  for (const key of Object.keys(fields)) {
    words.push(key);
    addValue(fields[key] as FieldValue, words);
  }
}

function addValue(value: FieldValue, words: string[]): void {
  if (typeof value === 'string') words.push(value);
  else if (value instanceof RawNumber) words.push(value.text);
  else if (Array.isArray(value)) for (const element of value) addValue(element, words);
  else if (typeof value === 'object' && value !== null) addFields(value, words);
  else words.push(String(value));
}
