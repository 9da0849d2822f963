import { toWireJson } from '../record/wire-json.ts';
import type { LogRecord } from '../record/record.ts';
import { escapeJson } from './escape.ts';
import type { RecordOutput, Selection, Style } from './output.ts';
import { entriesJson, selectEntries } from './record-entries.ts';

/** One JSON object a line, wire names first, then the fields as they came. */
export function ndjsonOutput(selection: Selection, style: Style): RecordOutput {
  const line = recordJson(selection);
  const end = style.terminal ? escapeJson : (text: string) => text;
  return {
    begin: () => '',
    records: (batch) => end(batch.map((record) => `${line(record)}\n`).join('')),
    end: () => '',
  };
}

/** One JSON array of the same objects, one a line. */
export function jsonOutput(selection: Selection, style: Style): RecordOutput {
  const line = recordJson(selection);
  const safe = style.terminal ? escapeJson : (text: string) => text;
  let first = true;
  const separated = (record: LogRecord): string => {
    const before = first ? '\n' : ',\n';
    first = false;
    return before + line(record);
  };
  const close = () => (first ? ']\n' : '\n]\n');
  return {
    begin: () => '[',
    records: (batch) => safe(batch.map(separated).join('')),
    end: close,
    cutShort: close,
  };
}

function recordJson({ pick, drop }: Selection): (record: LogRecord) => string {
  if (pick !== undefined || drop === undefined) return (record) => toWireJson(record, pick);
  return (record) => entriesJson(selectEntries(record, { drop }));
}
