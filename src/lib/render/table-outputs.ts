import type { Cell, RecordFormat, ShownTable, Style } from './output.ts';
import type { ChartShape } from './table-chart.ts';
import { cellText, shownCell } from './table-cells.ts';

/** Formats a table can be written in: those of records, but there are no bytes received to give `raw`. */
export type TableFormat = Exclude<RecordFormat, 'raw'>;

/**
 * A table, a piece at a time. `pretty` draws where the rows make sense as bars and lays them out in columns where
 * not; every format has the same numbers.
 */
export async function* renderTable(
  format: TableFormat,
  table: ShownTable,
  shape: ChartShape,
  style: Style,
): AsyncGenerator<string> {
  if (format !== 'pretty' && format !== 'table') {
    yield* (await import('./table-machine.ts')).machineTable(format, table, style);
    return;
  }
  if (format === 'pretty') {
    const { canDraw, drawTable } = await import('./table-chart.ts');
    if (canDraw(table, shape)) {
      yield* drawTable(table, shape, style);
      return;
    }
  }
  const { Grid } = await import('./grid.ts');
  const grid = new Grid(table.columns, style);
  const text = (cell: Cell) => (format === 'pretty' ? shownCell(cell, style.zone) : cellText(cell));
  yield grid.add(table.rows.map((row) => row.map(text)));
  yield await grid.end();
}
