import { LogsError } from '../../errors.ts';
import type { LogRecord } from '../../record/record.ts';
import type { Stage } from '../ast.ts';
import { cellsOf } from '../cells.ts';
import { fieldKind } from '../field-kind.ts';
import { LEVELS, type Level } from '../../record/level.ts';
import { decimalOf } from '../decimal.ts';
import { QUERY_LIMITS } from '../limits.ts';
import { type AggregateTable, type Cell, compareCells } from '../table.ts';
import type { Pipe } from './pipe.ts';

type SortKeys = Extract<Stage, { kind: 'sort' }>['keys'];

/**
 * `sort [-]f, …`: levels by severity, times by instant, texts that are wholly a number as numbers; what has no value
 * comes last either way. Equal ones stay in the order they came. `most`: how many a `limit` behind it takes.
 * @throws LogsError QUERY_UNSUPPORTED when more would have to be held than memory should
 */
export function sortRecords(keys: SortKeys, most = Number.POSITIVE_INFINITY): Pipe {
  let held: { record: LogRecord; cells: readonly Cell[] }[] = [];
  let bytes = 0;
  const sortHeld = (): void => {
    held = held.sort((a, b) => compareRows(a.cells, b.cells, keys)).slice(0, most);
    bytes = held.reduce((sum, { record }) => sum + record.raw.length, 0);
  };
  return {
    take(records) {
      for (const record of records) {
        held.push({ record, cells: keys.map((key) => sortCell(record, key.field)) });
        bytes += record.raw.length;
      }
      if (held.length > 2 * most) sortHeld();
      if (bytes > QUERY_LIMITS.sorted) throw tooMuch();
      return [];
    },
    end() {
      sortHeld();
      return held.map(({ record }) => record);
    },
  };
}

/** @throws LogsError QUERY_SYNTAX for a column that the table has not */
export function sortTable(keys: SortKeys, table: AggregateTable): AggregateTable {
  const places = keys.map((key) => columnPlace(table, key.field));
  const cells = (row: readonly Cell[]): Cell[] =>
    places.map((place, index) => orderCell(row[place] ?? null, keys[index]?.field ?? ''));
  const rows = table.rows
    .map((row) => ({ row, cells: cells(row) }))
    .sort((a, b) => compareRows(a.cells, b.cells, keys));
  return { ...table, rows: rows.map(({ row }) => row) };
}

/** Where a column stands in a table. */
export function columnPlace(table: AggregateTable, column: string): number {
  const place = table.columns.indexOf(column);
  if (place >= 0) return place;
  throw new LogsError('QUERY_SYNTAX', `the statistics have no column ${column}`, {
    hint: `there are ${table.columns.join(', ')}`,
  });
}

function sortCell(record: LogRecord, field: string): Cell {
  if (field === '@timestamp') return record.ts;
  return orderCell(cellsOf(record, field)[0] ?? null, field);
}

function orderCell(cell: Cell, field: string): Cell {
  if (typeof cell !== 'string') return cell;
  if (fieldKind(field) === 'level' && Object.hasOwn(LEVELS, cell)) return LEVELS[cell as Level];
  return decimalOf(cell)?.near ?? cell;
}

function compareRows(a: readonly Cell[], b: readonly Cell[], keys: SortKeys): number {
  for (const [index, key] of keys.entries()) {
    const [left = null, right = null] = [a[index], b[index]];
    const order = compareCells(left, right);
    if (order !== 0) return key.descending && left !== null && right !== null ? -order : order;
  }
  return 0;
}

function tooMuch(): LogsError {
  return new LogsError(
    'QUERY_UNSUPPORTED',
    `sort would have to hold more than ${QUERY_LIMITS.sorted >> 20} MiB of events`,
    {
      hint: 'put | limit N straight behind it, or narrow the time or the filter',
    },
  );
}
