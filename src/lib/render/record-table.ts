import type { LogRecord } from '../record/record.ts';
import { Grid } from './grid.ts';
import type { RecordOutput, Selection, Style } from './output.ts';
import { pickValue, valueText } from './record-entries.ts';

const COLUMNS = ['@timestamp', 'level', 'service', 'message'];

/** Columns side by side: the fields picked, or time, level, service and message. */
export function tableOutput(selection: Selection, style: Style): RecordOutput {
  const columns = selection.pick ?? COLUMNS.filter((name) => !selection.drop?.includes(name));
  const grid = new Grid(columns, style);
  const row = (record: LogRecord) =>
    columns.map((name) => {
      const value = pickValue(record, name);
      return value === undefined ? '' : valueText(value);
    });
  return { begin: () => '', records: (batch) => grid.add(batch.map(row)), end: () => grid.end() };
}
