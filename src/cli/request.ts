import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { exposureOf } from '../lib/config/address.ts';
import { isRemoteUrl } from '../lib/config/remote-url.ts';
import { LogsError, systemReason } from '../lib/errors.ts';
import type { Filter, Query, QueryClock } from '../lib/query/ast.ts';
import { fieldsOf } from '../lib/query/absent-fields.ts';
import { fieldKind } from '../lib/query/field-kind.ts';
import { resolveLists } from '../lib/query/in-file.ts';
import { lintQuery } from '../lib/query/lint.ts';
import { parseQuery } from '../lib/query/parse.ts';
import { parseTime } from '../lib/query/time-range.ts';
import { isZone } from '../lib/record/zone.ts';
import { LEVELS, parseLevel } from '../lib/record/level.ts';
import type { TimeRange } from '../lib/store/store.ts';

/** What was typed, resolved: the core sees neither flags nor arguments. */
export interface ReadRequest {
  readonly query: Query;
  readonly clock: QueryClock;
  readonly range: TimeRange;
  /** Files, folders, globs or `-`; empty for the store. */
  readonly files: readonly string[];
  /** Servers to ask instead of the store, and whether they have to answer exactly by themselves. */
  readonly from?: { readonly url: string; readonly strict: boolean };
  /** The query, where it is the only argument and looks like the name of a file that is not there. */
  readonly missing?: string;
  /** Things worth saying that are no errors. */
  readonly notes: readonly string[];
}

export interface RequestFlags {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly timezone?: string | undefined;
  readonly utc?: boolean | undefined;
  readonly level?: string | undefined;
  readonly from?: string | undefined;
  readonly strict?: boolean | undefined;
}

/**
 * Turns arguments and flags into a request. Throws USAGE, QUERY_SYNTAX or TIME_SYNTAX before anything is read.
 */
export async function resolveRequest(positionals: readonly string[], flags: RequestFlags): Promise<ReadRequest> {
  const { text, files, notes } = splitArguments(positionals, existsSync);
  const from = flags.from === undefined ? undefined : { url: flags.from, strict: flags.strict ?? false };
  if (from !== undefined && files.length > 0) {
    throw new LogsError('USAGE', `${files[0]} is a file, and --from names something else to ask`, {
      hint: 'leave one of the two out; a query that is the name of a file is written in quotes: \'"error"\'',
    });
  }
  const clock = clockOf(flags);
  const parsed = text === undefined ? EVERYTHING : await resolveLists(parseQuery(text), readList);
  const level = flags.level === undefined ? [] : [levelFilter(flags.level)];
  const window = windowOf(flags, parsed.filter, clock);
  return {
    query: { ...parsed, filter: allOf([parsed.filter, ...level]) },
    clock,
    range: window.range,
    files,
    ...(from === undefined ? {} : { from }),
    ...(text !== undefined && files.length === 0 && looksLikeFile(text) ? { missing: text } : {}),
    notes: [...notes, ...exposed(flags.from), ...window.notes, ...(text === undefined ? [] : lintQuery(parsed, text))],
  };
}

/** A path, or a name that ends as those of logs do; no regular expression. */
function looksLikeFile(text: string): boolean {
  if (/^\/.*\/[ims]*$/.test(text)) return false;
  return /^[^\s:"'()]*(?:\/[^\s:"'()]+|\.(?:logs?|txt|json|ndjson|jsonl|csv|out|err|gz)(?:\.\d+)?)$/i.test(text);
}

const EVERYTHING: Query = { filter: { kind: 'all' }, stages: [] };

/** The text of `in(@file)`. */
async function readList(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new LogsError('NOT_READABLE', `cannot read the list ${path}: ${systemReason(error)}`, {
      cause: error,
    });
  });
}

/**
 * Which of the arguments is the query. The first is, unless it is `-` or names something that exists; a plain word
 * that happens to name a file is only taken as one where nothing follows it, and that is said.
 */
export function splitArguments(
  positionals: readonly string[],
  exists: (path: string) => boolean,
): { text: string | undefined; files: readonly string[]; notes: readonly string[] } {
  const [first, ...rest] = positionals;
  if (first === undefined) return { text: undefined, files: [], notes: [] };
  if (first === '-') return { text: undefined, files: positionals, notes: [] };
  if (first === '' || !exists(first)) return { text: first, files: rest, notes: [] };
  if (/[./\\]/.test(first)) return { text: undefined, files: positionals, notes: [] };
  if (rest.length > 0) {
    return { text: first, files: rest, notes: [`${first} is taken as the query; for the file write ./${first}`] };
  }
  return {
    text: undefined,
    files: [first],
    notes: [`${first} is taken as the file; to search for the word write '"${first}"'`],
  };
}

/** `--level`: that level and above. UNKNOWN has no number and is refused. */
export function levelFilter(text: string): Filter {
  const level = parseLevel(text);
  if (level === 'UNKNOWN') {
    const known = Object.keys(LEVELS).filter((name) => name !== 'UNKNOWN');
    throw new LogsError('USAGE', `unknown level ${JSON.stringify(text)}`, {
      hint: `one of ${known.join(', ').toLowerCase()}; events without a level: level:UNKNOWN in the query`,
    });
  }
  return { kind: 'compare', field: 'level', op: '>=', scalar: { kind: 'text', text: level, quoted: false } };
}

function allOf(filters: readonly Filter[]): Filter {
  const parts = filters.flatMap((filter) => (filter.kind === 'and' ? filter.filters : [filter]));
  const real = parts.filter((filter) => filter.kind !== 'all');
  if (real.length === 0) return { kind: 'all' };
  return real.length === 1 && real[0] !== undefined ? real[0] : { kind: 'and', filters: real };
}

/** The local zone is only asked for where a time is read or shown in it: that alone takes ten milliseconds. */
function clockOf(flags: RequestFlags): QueryClock {
  const now = BigInt(Date.now()) * 1_000_000n;
  let zone = zoneOf(flags);
  return {
    now,
    get zone() {
      zone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
      return zone;
    },
  };
}

function zoneOf(flags: RequestFlags): string | undefined {
  if (flags.utc) return 'UTC';
  if (flags.timezone === undefined) return undefined;
  if (!isZone(flags.timezone)) {
    throw new LogsError('TIME_SYNTAX', `unknown time zone ${JSON.stringify(flags.timezone)}`, {
      hint: 'a name like Europe/Berlin, UTC, or an offset like +02:00',
    });
  }
  return flags.timezone;
}

function exposed(from: string | undefined): readonly string[] {
  const note = from === undefined ? undefined : exposureOf(from);
  return note === undefined ? [] : [note];
}

const DAY = 86_400_000_000_000n;

/**
 * The range asked for. Servers are asked for the last 24 hours where neither a flag nor the query says when: all they
 * have may be months.
 */
function windowOf(
  flags: RequestFlags,
  filter: Filter,
  clock: QueryClock,
): { readonly range: TimeRange; readonly notes: readonly string[] } {
  const range = rangeOf(flags, clock);
  const said = flags.since !== undefined || flags.until !== undefined || fieldsOf(filter).some(isTime);
  if (said || flags.from === undefined || !isRemoteUrl(flags.from)) return { range, notes: [] };
  return { range: { from: clock.now - DAY }, notes: ['the last 24 hours; --since 7d or --since all for more'] };
}

function isTime(field: string): boolean {
  return fieldKind(field) === 'time';
}

function rangeOf(flags: RequestFlags, clock: QueryClock): TimeRange {
  const from = flags.since === undefined || flags.since === 'all' ? undefined : parseTime(flags.since, clock);
  const to = flags.until === undefined ? undefined : parseTime(flags.until, clock);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new LogsError('USAGE', `--since ${flags.since} is not before --until ${flags.until}`, {
      hint: 'nothing can lie between them: swap them',
    });
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
