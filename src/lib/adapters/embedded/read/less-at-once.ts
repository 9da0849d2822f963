import { LogsError } from '../../../errors.ts';
import { type Duck, isOutOfMemory } from '../segment/duckdb.ts';
import { boundsOf, type GroupRows } from './rows-sql.ts';

/** What is asked, and who hears that it needs more memory than it may have: once for each question at the least. */
export interface MemoryPlace {
  readonly duck: () => Promise<Duck>;
  readonly signal: AbortSignal;
  readonly tell?: (text: string) => void;
}

/**
 * What some parts give, in one piece; where that needs more memory than the database may have, in a piece for each
 * quarter of them, and so on to single rows. Each is asked for when the one before was taken, so that only one is held.
 * `alone`: it is known that memory is short. Throws QUERY_UNSUPPORTED where a single row needs more.
 */
export async function* lessAtOnce<T>(
  place: MemoryPlace,
  parts: readonly GroupRows[],
  read: (parts: readonly GroupRows[], alone: boolean) => Promise<T>,
): AsyncGenerator<T> {
  const waiting: (readonly GroupRows[])[] = [parts];
  let alone = false;
  for (let some = waiting.pop(); some !== undefined; some = waiting.pop()) {
    let found: T;
    try {
      found = await read(some, alone);
    } catch (error) {
      place.signal.throwIfAborted();
      if (!isOutOfMemory(error)) throw error;
      const quarters = quartersOf(some);
      // What ran beside a single row may have had the memory.
      if (quarters === undefined && alone) throw tooLarge(await place.duck(), error);
      if (!alone) place.tell?.('the query needs more memory than it may have; it is asked again for less at a time');
      alone = true;
      waiting.push(...(quarters ?? [some]));
      continue;
    }
    yield found;
  }
}

/** The last first; undefined for a single row. Of halves many would be too large again, and fill the memory before they fail. */
function quartersOf(parts: readonly GroupRows[]): (readonly GroupRows[])[] | undefined {
  return halvesOf(parts)?.flatMap((half) => halvesOf(half) ?? [half]);
}

/** The second half first; undefined for a single row. */
function halvesOf(parts: readonly GroupRows[]): (readonly GroupRows[])[] | undefined {
  const [part] = parts;
  if (parts.length > 1) return halved(parts);
  if (part === undefined) return undefined;
  const { segment, groups } = part;
  if (groups.length > 1) return halved(groups).map((some) => [{ segment, groups: some }]);
  const [from, to] = boundsOf(part);
  if (from >= to) return undefined;
  const middle = Math.floor((from + to) / 2);
  return [[{ segment, groups, rows: [middle + 1, to] }], [{ segment, groups, rows: [from, middle] }]];
}

function halved<T>(all: readonly T[]): (readonly T[])[] {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(middle), all.slice(0, middle)];
}

function tooLarge({ memory }: Duck, cause: unknown): LogsError {
  return new LogsError('QUERY_UNSUPPORTED', `the query needs more than the ${memory} MiB of memory that it may have`, {
    hint: 'narrow the time or the filter, or ask for fewer fields',
    cause,
  });
}
