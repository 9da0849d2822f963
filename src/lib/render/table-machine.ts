import { escapeForTerminal, escapeJson } from './escape.ts';
import type { Cell, ShownTable, Style } from './output.ts';
import { csvLine, tsvLine } from './record-csv.ts';
import { logfmtLine } from './record-logfmt.ts';
import { cellText, plainCell } from './table-cells.ts';

/** Formats of a table that a program reads. */
export type MachineTableFormat = 'json' | 'ndjson' | 'csv' | 'tsv' | 'logfmt';

/** Rows turned to text at a time. */
const PIECE = 1_000;

/**
 * A table, some lines at a time. `json` is one array of flat objects with the group keys under their names, `ndjson`
 * the same objects one a line; absent keys are `null`, and empty in CSV and TSV.
 */
export function* machineTable(format: MachineTableFormat, table: ShownTable, style: Style): Generator<string> {
  const escape = format === 'json' || format === 'ndjson' ? escapeJson : escapeForTerminal;
  const safe = style.terminal ? escape : (text: string) => text;
  for (const piece of pieces(format, table)) yield safe(piece);
}

function* pieces(format: MachineTableFormat, table: ShownTable): Generator<string> {
  const object = (row: readonly Cell[]): string =>
    `{${table.columns.map((name, column) => `${JSON.stringify(name)}:${JSON.stringify(plainCell(row[column] ?? null))}`).join(',')}}`;
  const rows = (line: (row: readonly Cell[]) => string) => inPieces(table.rows, line);
  switch (format) {
    case 'json': {
      let first = true;
      yield '[';
      yield* rows((row) => {
        const before = first ? '\n' : ',\n';
        first = false;
        return before + object(row);
      });
      yield table.rows.length === 0 ? ']\n' : '\n]\n';
      return;
    }
    case 'ndjson':
      yield* rows((row) => `${object(row)}\n`);
      return;
    case 'csv':
    case 'tsv': {
      const line = format === 'csv' ? csvLine : tsvLine;
      yield line(table.columns);
      yield* rows((row) => line(row.map(cellText)));
      return;
    }
    case 'logfmt':
      yield* rows(
        (row) =>
          `${logfmtLine(table.columns.map((name, column) => [name, plainCell(row[column] ?? null)] as const))}\n`,
      );
  }
}

function* inPieces<Row>(rows: readonly Row[], line: (row: Row) => string): Generator<string> {
  for (let from = 0; from < rows.length; from += PIECE)
    yield rows
      .slice(from, from + PIECE)
      .map(line)
      .join('');
}
