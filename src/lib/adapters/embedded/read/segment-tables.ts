import { hasMessageTimes, MESSAGE_TIME_NUMBER, type SegmentTable } from '../../../query/key-columns.ts';
import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import type { SegmentEntry } from '../layout.ts';
import { MARKED_ROLES } from '../segment/marks.ts';

const ANY_FLAGS = -1;

/**
 * What SQL must know of some segments: of all of them together, so that it says the same of as many as it can, and one
 * statement reads them.
 */
export class SegmentTables {
  readonly #traits: Omit<SegmentTable, 'columns'>;

  constructor(entries: Iterable<SegmentEntry>) {
    this.#traits = traitsOf(entries);
  }

  /** The table of segments that have the columns of this one. */
  of(entry: Pick<SegmentEntry, 'columns' | 'marked'>): SegmentTable {
    const { columns } = entry;
    const { marked = [] } = this.#traits;
    const there = hasMessageTimes(entry) ? marked : marked.filter((number) => number !== MESSAGE_TIME_NUMBER);
    return { ...this.#traits, columns, marked: there };
  }
}

function traitsOf(entries: Iterable<SegmentEntry>): Omit<SegmentTable, 'columns'> {
  const opaque = new Set<number>();
  const marked = new Set<number>();
  const words = new Set<number>();
  let flags = 0;
  let namesTexts = false;
  let objects = false;
  for (const entry of entries) {
    flags |= entry.flags ?? ANY_FLAGS;
    namesTexts ||= entry.namesTexts !== false;
    objects ||= entry.objects !== false;
    for (const number of opaqueColumns(entry)) opaque.add(number);
    for (const number of markedColumns(entry)) {
      marked.add(number);
      if (entry.hex?.includes(number) !== true) words.add(number);
    }
  }
  const hex = sorted(marked).filter((number) => !words.has(number));
  return { flags, opaque: sorted(opaque), marked: sorted(marked), hex, namesTexts, objects };
}

function sorted(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function markedColumns({ flags = ANY_FLAGS, marked, columns }: SegmentEntry): readonly number[] {
  if ((flags & ROW_FLAGS.MARKS) === 0) return [];
  return marked ?? Array.from({ length: MARKED_ROLES.length + columns.length }, (_, number) => number);
}

function opaqueColumns({ flags = ANY_FLAGS, opaque, columns }: SegmentEntry): readonly number[] {
  return (flags & ROW_FLAGS.OPAQUE) === 0 ? [] : (opaque ?? columns.map((_, number) => number));
}
