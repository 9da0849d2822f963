import { hasMessageTimes, MESSAGE_TIME_NUMBER } from '../../../query/key-columns.ts';
import { MESSAGE_TIME } from '../../../query/sql-columns.ts';
import type { SegmentEntry } from '../layout.ts';
import { MARKED_ROLES } from './marks.ts';
import { keyColumn } from './segment.ts';

/** The columns of a segment that marks stand for, as bytes, for SELECT. Never a VARCHAR itself: reading that drops a leading U+FEFF (reliability.md M5). */
export function markedColumnsSql(entry: Pick<SegmentEntry, 'columns' | 'marked'>): string[] {
  return [
    ...MARKED_ROLES,
    ...entry.columns.map(({ type }, at) => (type === 'int' ? `CAST(${keyColumn(at)} AS VARCHAR)` : keyColumn(at))),
    ...(hasMessageTimes(entry) ? [MESSAGE_TIME] : []),
  ].map((column) => `encode(${column})`);
}

/** Which of `markedColumnsSql` marks with a number stand for. */
export function markedColumnAt(number: number, { columns }: Pick<SegmentEntry, 'columns'>): number {
  return number === MESSAGE_TIME_NUMBER ? MARKED_ROLES.length + columns.length : number;
}
