import { mayHaveFlag, type PromotedValueColumn, type SegmentTable } from './key-columns.ts';
import { COLUMNS, ROW_FLAGS } from './sql-columns.ts';
import { FALSE, type Sql, sql, TRUE } from './sql-pair.ts';

/** Whether a row has a flag; FALSE where no row of the table does. */
export function hasFlag(name: keyof typeof ROW_FLAGS, table: SegmentTable): Sql {
  return mayHaveFlag(table, ROW_FLAGS[name]) ? sql(`(${COLUMNS.flags} & ${ROW_FLAGS[name]}) <> 0`) : FALSE;
}

/** Whether a row is without a flag; TRUE where no row of the table has it. */
export function hasNoFlag(name: keyof typeof ROW_FLAGS, table: SegmentTable): Sql {
  return mayHaveFlag(table, ROW_FLAGS[name]) ? sql(`(${COLUMNS.flags} & ${ROW_FLAGS[name]}) = 0`) : TRUE;
}

/** Whether the column of a promoted key tells all that a row has of it. */
export function tellsAll({ number }: PromotedValueColumn, table: SegmentTable): Sql {
  return table.opaque?.includes(number) === false ? TRUE : hasNoFlag('OPAQUE', table);
}
