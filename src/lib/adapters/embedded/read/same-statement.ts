import { hasMessageTimes, type KeyColumn, type SegmentTable } from '../../../query/key-columns.ts';
import type { SegmentEntry } from '../layout.ts';
import type { SegmentTables } from './segment-tables.ts';

/** What a statement says over some segments: anything that JSON can tell. */
type Statement = (table: SegmentTable) => unknown;

/**
 * Tells which segments one statement can read: those for which it would say the same, though they have columns of other
 * keys. What each set of columns makes of it is worked out once. The statement MUST then be made of the same tables.
 */
export function sameStatement(tables: SegmentTables, statement: Statement): (entry: SegmentEntry) => string {
  const byColumns = new Map<string, string>();
  const byEntry = new Map<SegmentEntry, string>();
  return (entry) => {
    const known = byEntry.get(entry);
    if (known !== undefined) return known;
    const { columns, ids } = entry;
    const key = JSON.stringify([columns, ids, hasMessageTimes(entry)]);
    const said = byColumns.get(key) ?? textOf(statement(tables.of(entry)), columns, ids);
    byColumns.set(key, said);
    byEntry.set(entry, said);
    return said;
  };
}

/** With the types of the columns that it names: `k0 IS NOT NULL` is said of texts and of numbers. */
function textOf(said: unknown, columns: readonly KeyColumn[], ids: true | undefined): string {
  const text = JSON.stringify(said, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const named = new Set(Array.from(text.matchAll(/\bk(\d+)\b/g), ([, number]) => Number(number)));
  return JSON.stringify([text, ids, ...Array.from(named, (number) => [number, columns[number]?.type])]);
}
