import { LogsError } from '../lib/errors.ts';
import { count } from '../lib/app/aggregate.ts';
import { newTally, search, type SearchTally } from '../lib/app/search.ts';
import { searchAndFollow } from '../lib/app/tail.ts';
import { parseFilter } from '../lib/query/parse.ts';
import { splitStages } from '../lib/query/stages.ts';
import { parseDuration } from '../lib/query/time-range.ts';
import type { LogRecord } from '../lib/record/record.ts';
import type { OpenedReader } from '../lib/wire/readers.ts';
import { tellAbsent, tellNothing } from './absence-talk.ts';
import { type Destination, openDestination } from './destination.ts';
import { explain } from './explain.ts';
import { noting, openReader, refusePartial, say, showRecords, tellDamage, tellPlace } from './reading.ts';
import type { ReadRequest } from './request.ts';
import { runTable, type TableFlags } from './run-aggregate.ts';
import { jsonLine, writeDocument, writeOutput } from './streams.ts';
import { watchReader } from './watch-reader.ts';

/** The flags of `search` and `tail` that are no part of the request, as typed but for `store`, which is the folder. */
export interface SearchFlags extends TableFlags {
  readonly limit?: number | undefined;
  /** `-n 0` means none, as `tail` has it, not all. */
  readonly none?: boolean;
  readonly reverse?: boolean;
  readonly count?: boolean;
  readonly quiet?: boolean;
  readonly fields?: readonly string[] | undefined;
  readonly 'exclude-fields'?: readonly string[] | undefined;
  readonly explain: boolean;
  readonly timeout?: string | undefined;
  readonly 'stop-on'?: string | undefined;
  readonly 'fail-on'?: string | undefined;
}

const DERIVED =
  'note: indices give the bytes received only of events shipped with original=true in the address; of others, JSON';

/** What a terminal shows of a store and of files where no limit is given; of a pipe, which may not end, all as it comes. */
const SCREENFUL = 100;

/**
 * One run of `search` or `tail`: from the request to the exit code. Everything that can be wrong with the flags is found
 * before anything is read.
 */
export async function runSearch(
  request: ReadRequest,
  flags: SearchFlags,
  mode: 'search' | 'follow',
  signal: AbortSignal,
): Promise<0 | 1> {
  const follow = mode === 'follow' ? followOptions(request, flags) : refuseFollowFlags(flags);
  if (flags.explain) {
    const { document, text } = await explain(request.query, request, flags.store);
    await writeOutput(flags.json ? jsonLine(document) : text);
    return 0;
  }
  const parts = splitStages(request.query);
  if (parts.statistics !== undefined) {
    if (mode === 'follow') throw unsupported('statistics cannot be followed', 'logs agg computes them once');
    return runTable(request, flags, signal);
  }
  const reader = await openReader(request, flags);
  const tally = newTally();
  try {
    if (flags.quiet) return await onlyCode(reader, request, flags, tally, signal);
    if (flags.count) return await showCount(reader, request, flags, tally, signal);
    const destination = await openDestination(follow === undefined ? flags : followed(flags), request.clock);
    if (destination.format === 'raw' && reader.kind === 'indices') say(DERIVED);
    const selection = { pick: flags.fields ?? parts.pick, drop: flags['exclude-fields'] };
    if (follow !== undefined) {
      const { query, clock, range } = request;
      const options = { query, clock, range, damaged: tellPlace, ...follow };
      const found = searchAndFollow(reader.store, options, tally, signal);
      const end = await untilUnread(flags, () => showRecords(found, destination, selection));
      refusePartial(tally.report, reader.folder, flags);
      const timedOut = end === 'timeout' && (flags['stop-on'] !== undefined || tally.matched === 0);
      return end === 'fail-on' || timedOut ? 1 : 0;
    }
    const unseen = new Set(selection.pick);
    const found = noting(unseen, searchOnce(reader, request, flags, destination, tally, signal));
    await showRecords(found, destination, selection);
    if (tally.more && flags.none === undefined)
      say(`newest ${tally.matched}, there are more (-n 0 for all, -c to count)`);
    if (tally.matched > 0) await tellAbsent([...unseen], reader, request, signal);
    return await conclude(reader, request, flags, tally, signal);
  } finally {
    await reader.close();
  }
}

/** Follows for as long as somebody reads it. */
async function untilUnread<T>({ out }: SearchFlags, follow: () => Promise<T>): Promise<T> {
  const stopWatching = out === undefined ? watchReader() : undefined;
  try {
    return await follow();
  } finally {
    stopWatching?.();
  }
}

function searchOnce(
  reader: OpenedReader,
  request: ReadRequest,
  flags: SearchFlags,
  destination: Destination,
  tally: SearchTally,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const { query, clock, range } = request;
  const standard = destination.style.terminal && !reader.once ? SCREENFUL : undefined;
  const limit = flags.limit === undefined ? standard : flags.limit === 0 && !flags.none ? undefined : flags.limit;
  return search(reader.store, { query, clock, range, limit, newestFirst: flags.reverse ?? false }, tally, signal);
}

async function showCount(
  reader: OpenedReader,
  request: ReadRequest,
  flags: SearchFlags,
  tally: SearchTally,
  signal: AbortSignal,
): Promise<0 | 1> {
  tally.matched = await count(reader.store, request, tally.report, signal);
  if (flags.json) await writeDocument(jsonLine({ count: tally.matched }));
  else await writeOutput(`${tally.matched}\n`);
  return conclude(reader, request, flags, tally, signal);
}

async function onlyCode(
  reader: OpenedReader,
  request: ReadRequest,
  flags: SearchFlags,
  tally: SearchTally,
  signal: AbortSignal,
): Promise<0 | 1> {
  const { query, clock, range } = request;
  for await (const _ of search(reader.store, { query, clock, range, limit: 1, newestFirst: true }, tally, signal));
  tellDamage(tally.report, reader.kind);
  refusePartial(tally.report, reader.folder, flags);
  return tally.matched > 0 ? 0 : 1;
}

async function conclude(
  reader: OpenedReader,
  request: ReadRequest,
  flags: SearchFlags,
  tally: SearchTally,
  signal: AbortSignal,
): Promise<0 | 1> {
  tellDamage(tally.report, reader.kind);
  if (tally.matched === 0) await tellNothing(reader, request, tally.report, signal);
  refusePartial(tally.report, reader.folder, flags);
  return tally.matched > 0 ? 0 : 1;
}

/** An array would never end: what is followed is one object a line. */
function followed(flags: SearchFlags): SearchFlags {
  return flags.json && flags.output === undefined ? { ...flags, output: 'ndjson' } : flags;
}

function followOptions(request: ReadRequest, flags: SearchFlags) {
  if (request.files.length > 0) {
    throw unsupported('files cannot be followed', 'ship them and follow the store: logs ship FILES, then logs tail');
  }
  if (request.query.stages.some((stage) => stage.kind === 'sort')) {
    throw unsupported('what is followed cannot be sorted', 'leave out the sort stage, or add --no-follow');
  }
  if (flags.output === 'table' || flags.output === 'json') {
    throw unsupported(`-o ${flags.output} needs the end of what is followed`, 'use ndjson, csv or pretty');
  }
  const last = flags.limit ?? SCREENFUL;
  return {
    last: last === 0 && !flags.none ? undefined : last,
    timeout: flags.timeout === undefined ? undefined : Number(parseDuration(flags.timeout) / 1_000_000n),
    stopOn: flags['stop-on'] === undefined ? undefined : parseFilter(flags['stop-on']),
    failOn: flags['fail-on'] === undefined ? undefined : parseFilter(flags['fail-on']),
  };
}

function refuseFollowFlags(flags: SearchFlags): undefined {
  for (const name of ['timeout', 'stop-on', 'fail-on'] as const) {
    if (flags[name] === undefined) continue;
    throw new LogsError('USAGE', `--${name} is for following`, {
      hint: 'add --follow (in tail leave out --no-follow); only the store can be followed',
    });
  }
}

function unsupported(message: string, hint: string): LogsError {
  return new LogsError('QUERY_UNSUPPORTED', message, { hint });
}
