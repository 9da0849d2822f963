import { hasMessageTimes } from '../../../query/key-columns.ts';
import { COLUMNS, MESSAGE_TIME } from '../../../query/sql-columns.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { SegmentEntry } from '../layout.ts';
import { sqlText } from '../segment/sql-literals.ts';
import { ID, keyColumn } from '../segment/segment.ts';
import type { OpenSegment } from './segment-reader.ts';

/** Row groups of a segment that are read together with others. */
export interface GroupRows {
  readonly segment: OpenSegment;
  /** Numbers of row groups, ascending; at least one. */
  readonly groups: readonly number[];
  /** Only these rows of its one group. */
  readonly rows?: RowRange;
}

/**
 * The rows of some groups as a table, for FROM: the columns that all of the segments have, `file_row_number` (the row in
 * its segment, from 0) and `part`, the index in `parts`. Columns of the same name must have the same type where they are used.
 */
export function rowsOf(parts: readonly GroupRows[]): string {
  const columns = sharedColumns(parts).join(', ');
  if (parts.length > 1 && parts.every(isWhole)) {
    // One scan of all files takes half the time of a union of scans.
    const paths = `[${parts.map(({ segment }) => sqlText(segment.path)).join(', ')}]`;
    return `(SELECT CAST(file_index AS INTEGER) AS part, ${columns} FROM read_parquet(${paths}, file_row_number = true))`;
  }
  const selects = parts.map((each, part) => {
    const where = isWhole(each) ? '' : ` WHERE ${rangesSql(rangesOf(each))}`;
    return `SELECT ${part} AS part, ${columns} FROM read_parquet(${sqlText(each.segment.path)}, file_row_number = true)${where}`;
  });
  return `(${selects.join(' UNION ALL ')})`;
}

function sharedColumns(parts: readonly GroupRows[]): string[] {
  const entries = parts.map(({ segment }) => segment.entry);
  const keys = Math.min(...entries.map(({ columns }) => columns.length));
  return [
    'file_row_number',
    ...Object.values(COLUMNS),
    ...Array.from({ length: keys }, (_, number) => keyColumn(number)),
    ...(entries.every(({ ids }) => ids === true) ? [ID] : []),
    ...(entries.every(hasMessageTimes) ? [MESSAGE_TIME] : []),
  ];
}

function isWhole({ segment, groups, rows }: GroupRows): boolean {
  return rows === undefined && groups.length === segment.index.groups.length;
}

/** First and last row. */
export type RowRange = readonly [from: number, to: number];

/** From its first row to its last. */
export function boundsOf({ segment: { starts }, groups, rows }: GroupRows): RowRange {
  return rows ?? [starts[groups[0] ?? 0] ?? 0, (starts[(groups.at(-1) ?? 0) + 1] ?? 0) - 1];
}

/**
 * The same groups as parts of groups that adjoin. Given several ranges of rows, DuckDB reads columns of the groups between
 * them, too, to compare these with its other conditions; given one, nothing of any other group.
 */
export function adjoining(part: GroupRows): GroupRows[] {
  const runs: number[][] = [];
  for (const group of part.groups) {
    const run = runs.at(-1);
    if (run?.at(-1) === group - 1) run.push(group);
    else runs.push([group]);
  }
  return runs.map((groups) => ({ ...part, groups }));
}

/** Its rows, groups that adjoin as one range. */
export function rangesOf(part: GroupRows): RowRange[] {
  return adjoining(part).map(boundsOf);
}

/** A condition that DuckDB prunes row groups by. */
function rangesSql(ranges: readonly RowRange[]): string {
  return `(${ranges.map(([from, to]) => `file_row_number BETWEEN ${from} AND ${to}`).join(' OR ')})`;
}

/** The part of a WHERE clause that a range of time gives. */
export function rangeSql(range: TimeRange): string {
  const { from, to } = range;
  const parts = ['TRUE'];
  if (from !== undefined) parts.push(`${COLUMNS.ts} >= ${clamp(from)}`);
  if (to !== undefined) parts.push(`${COLUMNS.ts} < ${clamp(to)}`);
  return parts.join(' AND ');
}

/** Bounds beyond BIGINT hold for every row or none, as do the ends of BIGINT themselves. */
function clamp(ts: bigint): string {
  const most = 2n ** 63n - 1n;
  return `${ts > most ? most : ts < -most ? -most : ts}::BIGINT`;
}

/** The segment whose columns the statement of some can name: where theirs are others, it names none. */
export function entryOf(parts: readonly GroupRows[]): Pick<SegmentEntry, 'columns' | 'marked'> {
  return parts[0]?.segment.entry ?? { columns: [] };
}

/** The column of ids, where the segment has one. */
export function idSql(ids: true | undefined): string {
  return ids === undefined ? 'NULL' : ID;
}
