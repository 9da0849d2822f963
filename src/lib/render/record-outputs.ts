import type { RecordFormat, RecordOutput, Selection, Style } from './output.ts';

/** Opens one format; only its own file is loaded. */
export async function openRecordOutput(
  format: RecordFormat,
  selection: Selection,
  style: Style,
): Promise<RecordOutput> {
  switch (format) {
    case 'pretty':
      return (await import('./record-pretty.ts')).prettyOutput(selection, style);
    case 'raw':
      return (await import('./record-raw.ts')).rawOutput(style);
    case 'ndjson':
      return (await import('./record-ndjson.ts')).ndjsonOutput(selection, style);
    case 'json':
      return (await import('./record-ndjson.ts')).jsonOutput(selection, style);
    case 'csv':
    case 'tsv':
      return (await import('./record-csv.ts')).delimitedOutput(format, selection, style);
    case 'logfmt':
      return (await import('./record-logfmt.ts')).logfmtOutput(selection, style);
    case 'table':
      return (await import('./record-table.ts')).tableOutput(selection, style);
  }
}
