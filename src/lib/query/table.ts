/** One value of a result: a missing one is null, times are bigint nanoseconds. */
export type Cell = string | number | bigint | boolean | null;

export interface AggregateTable {
  /** Names as in cli.md: group keys under their names, `@timestamp` for `every`, `count`, `sum_f`, … */
  readonly columns: readonly string[];
  /** Rows in the order of their group keys. A missing key is null; times are bigint ns. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Numbers by value, then booleans, then texts by code units, null last: one order whatever order events came in. */
export function compareCells(a: Cell, b: Cell): number {
  const kinds = rank(a) - rank(b);
  if (kinds !== 0 || a === b || a === null || b === null) return kinds;
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(cell: Cell): number {
  if (cell === null) return 3;
  return typeof cell === 'string' ? 2 : typeof cell === 'boolean' ? 1 : 0;
}

/** A text that is equal for equal cells only: `200` and `"200"` are two. */
export function cellKey(cell: Cell): string {
  const text = String(cell);
  const kind = cell === null ? 'z' : typeof cell === 'string' ? 's' : typeof cell === 'boolean' ? 'b' : 'n';
  return `${kind}${text.length}:${text}`;
}
