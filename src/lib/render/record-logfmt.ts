import type { FieldValue } from '../record/record.ts';
import { jsonText } from '../record/json-text.ts';
import { escapeForTerminal } from './escape.ts';
import type { RecordOutput, Selection, Style } from './output.ts';
import { type Entry, isObject, selectEntries, valueText } from './record-entries.ts';

/** `key=value` pairs, one event a line; nested objects under dotted names, arrays as JSON. */
export function logfmtOutput(selection: Selection, style: Style): RecordOutput {
  const safe = style.terminal ? escapeForTerminal : (text: string) => text;
  return {
    begin: () => '',
    records: (batch) => safe(batch.map((record) => `${logfmtLine(selectEntries(record, selection))}\n`).join('')),
    end: () => '',
  };
}

/** Pairs separated by a blank. A value with a blank, a quote, `=` or a control in it is quoted as a JSON string. */
export function logfmtLine(entries: readonly Entry[]): string {
  return entries.flatMap(([name, value]) => pairs(name, value)).join(' ');
}

function pairs(name: string, value: FieldValue): string[] {
  if (isObject(value)) {
    const inner = Object.entries(value);
    if (inner.length > 0) return inner.flatMap(([key, nested]) => pairs(`${name}.${key}`, nested));
  }
  return [`${logfmtKey(name)}=${logfmtValue(value)}`];
}

/** A key has no place for quotes: what would end it is replaced by `_`. */
export function logfmtKey(name: string): string {
  return name.replace(/[\s="\x00-\x1f]/g, '_') || '_';
}

export function logfmtValue(value: FieldValue): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  const text = valueText(value);
  if (typeof value !== 'string') return /[\s"=]/.test(text) ? jsonText(text) : text;
  // A string that would read back as something else keeps its quotes.
  return text === '' || /[\s"=\\\x00-\x1f\x7f]/.test(text) ? jsonText(text) : text;
}
