import { LogsError } from '../errors.ts';
import type { Filter, QueryClock } from '../query/ast.ts';
import type { HandledLetters } from '../send/dead-letters.ts';
import { type KeptLetter, letterOfRecord } from '../send/letter-events.ts';
import type { LogStore, ReadReport, TimeRange } from '../store/store.ts';

/** The dead letters of one folder: a store, and which of its letters were dealt with. */
export interface LetterBox {
  readonly store: LogStore;
  /** The store's. */
  readonly folder: string;
  readonly handled: HandledLetters;
  close(): Promise<void>;
}

/** Which letters. */
export interface LetterQuery {
  readonly filter: Filter;
  readonly range: TimeRange;
  readonly clock: QueryClock;
}

/** The store of a box without the letters that were sent again or dropped. */
export async function unhandledStore({ store, handled }: Pick<LetterBox, 'store' | 'handled'>): Promise<LogStore> {
  const ids = await handled.ids();
  if (ids.size === 0) return store;
  const values = [...ids].map((text) => ({ kind: 'text', text, quoted: true }) as const);
  const gone: Filter = { kind: 'match', field: 'log_id', value: { kind: 'in', values } };
  const left = <Plan extends { readonly filter: Filter }>(plan: Plan): Plan => ({
    ...plan,
    filter: { kind: 'and', filters: [plan.filter, { kind: 'not', filter: gone }] },
  });
  return {
    search: (plan, report, signal) => store.search(left(plan), report, signal),
    aggregate: (plan, report, signal) => store.aggregate(left(plan), report, signal),
    follow: (plan, damaged, signal) => store.follow(left(plan), damaged, signal),
  };
}

/** Letters that match and were not dealt with, in the order of their events' time. */
export async function* readLetters(
  box: LetterBox,
  { filter, range, clock }: LetterQuery,
  report: ReadReport,
  signal: AbortSignal,
): AsyncGenerator<KeptLetter> {
  const store = await unhandledStore(box);
  for await (const records of store.search({ filter, range, clock, order: 'oldest' }, report, signal)) {
    for (const record of records) {
      const letter = letterOfRecord(record);
      if (letter !== undefined) yield letter;
    }
  }
}

/** The letter with an id: its own, or the one that its event was sent under. Throws NOT_FOUND. */
export async function findLetter(
  box: LetterBox,
  id: string,
  { clock }: Pick<LetterQuery, 'clock'>,
  report: ReadReport,
  signal: AbortSignal,
): Promise<KeptLetter> {
  let found: KeptLetter | undefined;
  const query = { filter: idFilter(id), range: {}, clock };
  for await (const letter of readLetters(box, query, report, signal)) found = letter;
  if (found !== undefined) return found;
  throw new LogsError('NOT_FOUND', `there is no dead letter ${id}`, {
    hint: 'logs dlq search shows those there are; the id is its log_id',
  });
}

/** Letters by the letter's id or by that of its event. */
export function idFilter(id: string): Filter {
  const scalar = { kind: 'text', text: id.toUpperCase(), quoted: true } as const;
  return {
    kind: 'or',
    filters: ['log_id', '_dead_id'].map((field) => ({ kind: 'compare', field, op: '=', scalar })),
  };
}

/** Letters of one sink with reasons of one kind. Times are nanoseconds since 1970. */
export interface LetterGroup {
  readonly from: string;
  /** What differs from event to event left out. */
  readonly reason: string;
  readonly count: number;
  readonly oldest: bigint;
  readonly newest: bigint;
  /** The id of the newest. */
  readonly example: string;
}

/** Kinds of reasons that are told apart; a sink that says something new each time must not fill the memory. */
const MAX_GROUPS = 1000;

/** How many letters there are of which sink for which reason, those with the newest letter first. */
export async function groupLetters(letters: AsyncIterable<KeptLetter>): Promise<readonly LetterGroup[]> {
  const groups = new Map<string, LetterGroup>();
  for await (const { key, at, letter } of letters) {
    const { from } = letter;
    const named = kindOf(letter.reason);
    const known = groups.size < MAX_GROUPS || groups.has(`${from}\n${named}`);
    const reason = known ? named : 'other reasons';
    const place = `${from}\n${reason}`;
    const group = groups.get(place) ?? { from, reason, count: 0, oldest: at, newest: at, example: key };
    groups.set(place, {
      ...group,
      count: group.count + 1,
      oldest: at < group.oldest ? at : group.oldest,
      ...(at >= group.newest ? { newest: at, example: key } : {}),
    });
  }
  return [...groups.values()].sort((a, b) => (a.newest < b.newest ? 1 : a.newest > b.newest ? -1 : b.count - a.count));
}

/** A reason without the values, ids and sizes in it. */
function kindOf(reason: string): string {
  return reason
    .replaceAll(/(?<!\w)(?:'[^']*'|"[^"]*")/g, '…')
    .replaceAll(/\b(?=[A-Za-z_-]*\d)[\w-]{20,}\b/g, '…')
    .replaceAll(/\d{4,}/g, '…');
}
