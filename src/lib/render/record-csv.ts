import type { FieldValue, LogRecord } from '../record/record.ts';
import { escapeForTerminal } from './escape.ts';
import type { RecordOutput, Selection, Style } from './output.ts';
import { type Entry, entriesJson, pickValue, selectEntries, valueText } from './record-entries.ts';

/** Columns where none are picked: those of the wire format, and one for everything else as JSON. */
const COLUMNS = ['@timestamp', 'level', 'service', 'message', 'host', 'trace_id', 'span_id', 'log_id', 'received_at'];

/**
 * CSV (RFC 4180, but lines end with LF) or TSV (IANA text/tab-separated-values: TAB, LF, CR and backslash escaped
 * with a backslash, because the format has no quotes). The columns are known before the first record, so that a
 * stream of any length needs no memory: those picked, or the wire names and `fields`.
 */
export function delimitedOutput(kind: 'csv' | 'tsv', selection: Selection, style: Style): RecordOutput {
  const columns = recordColumns(selection);
  const line = kind === 'csv' ? csvLine : tsvLine;
  const safe = style.terminal ? escapeForTerminal : (text: string) => text;
  return {
    begin: () => safe(line(columns)),
    records: (batch) => safe(batch.map((record) => line(recordCells(record, selection))).join('')),
    end: () => '',
  };
}

/** The names above the cells of `recordCells`. */
export function recordColumns(selection: Selection): readonly string[] {
  if (selection.pick !== undefined) return selection.pick;
  const columns = selection.drop === undefined ? COLUMNS : COLUMNS.filter((name) => !selection.drop?.includes(name));
  return [...columns, 'fields'];
}

/** One text a column; absent values are empty. */
export function recordCells(record: LogRecord, selection: Selection): string[] {
  if (selection.pick !== undefined) return selection.pick.map((name) => cell(pickValue(record, name)));
  const entries = selectEntries(record, selection);
  const named = new Map<string, FieldValue>();
  const rest: Entry[] = [];
  for (const entry of entries) {
    if (COLUMNS.includes(entry[0]) && !named.has(entry[0])) named.set(entry[0], entry[1]);
    else rest.push(entry);
  }
  const columns = recordColumns(selection).slice(0, -1);
  return [...columns.map((name) => cell(named.get(name))), rest.length === 0 ? '' : entriesJson(rest)];
}

function cell(value: FieldValue | undefined): string {
  return value === undefined ? '' : valueText(value);
}

/** One line of CSV: quoted only where it must be. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')}\n`;
}

const TSV_ESCAPES: { readonly [char: string]: string } = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/** One line of TSV. */
export function tsvLine(cells: readonly string[]): string {
  return `${cells.map((text) => text.replace(/[\t\n\r\\]/g, (char) => TSV_ESCAPES[char] ?? char)).join('\t')}\n`;
}
