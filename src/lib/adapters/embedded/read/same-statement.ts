import type { KeyColumn } from '../../../query/key-columns.ts';
import type { SegmentEntry } from '../layout.ts';

/** What a statement says over segments of some columns, whatever flags their rows have: anything that JSON can tell. */
type Statement = (columns: readonly KeyColumn[]) => unknown;

/**
 * Tells which segments one statement can read: those for which it would say the same, though they have columns of other
 * keys. What each set of columns makes of it is worked out once.
 */
export function sameStatement(statement: Statement): (entry: SegmentEntry) => string {
  const byColumns = new Map<string, string>();
  const byEntry = new Map<SegmentEntry, string>();
  return (entry) => {
    const known = byEntry.get(entry);
    if (known !== undefined) return known;
    const { columns, ids } = entry;
    const key = JSON.stringify([columns, ids]);
    const said = byColumns.get(key) ?? textOf([statement(columns), ids]);
    byColumns.set(key, said);
    byEntry.set(entry, said);
    return said;
  };
}

function textOf(said: unknown): string {
  return JSON.stringify(said, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
