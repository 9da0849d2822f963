import { fstatSync } from 'node:fs';
import { LogsError } from '../lib/errors.ts';
import { newTally, search } from '../lib/app/search.ts';
import { absentFields, fieldsOf, isInEveryEvent } from '../lib/query/absent-fields.ts';
import { splitStages } from '../lib/query/stages.ts';
import { valuesOf } from '../lib/record/field-access.ts';
import { openRecordOutput } from '../lib/render/record-outputs.ts';
import { escapeForTerminal } from '../lib/render/escape.ts';
import type { Selection } from '../lib/render/output.ts';
import { prettyTime } from '../lib/render/record-pretty.ts';
import type { LogRecord } from '../lib/record/record.ts';
import type { Damage, ReadReport } from '../lib/store/store.ts';
import { type OpenedReader, openFileReader, openReaderAt, openStoreReader } from '../lib/wire/readers.ts';
import type { Destination } from './destination.ts';
import type { ReadRequest } from './request.ts';

/** Talk on standard error: text from elsewhere in it is made harmless. */
export function say(line: string): void {
  process.stderr.write(`${escapeForTerminal(line)}\n`);
}

function tellNote(text: string): void {
  say(`note: ${text}`);
}

/** Opens what --from names, the files of the request, or the store where it names none. */
export async function openReader(
  request: ReadRequest,
  {
    store: storeDir,
    out,
    reader: opened,
  }: { readonly store: string; readonly out?: string | undefined; readonly reader?: OpenedReader },
): Promise<OpenedReader> {
  for (const note of request.notes) say(`note: ${note}`);
  if (opened !== undefined) return opened;
  if (request.from !== undefined)
    return openReaderAt(request.from.url, { strict: request.from.strict, tell: tellNote });
  if (request.files.length === 0) return openStoreReader(storeDir, tellNote);
  try {
    const reader = await openFileReader(request.files, out === undefined ? [] : [out]);
    for (const left of reader.skipped) say(`skipped: ${left}`);
    return reader;
  } catch (error) {
    if (!(error instanceof LogsError && error.code === 'NOT_FOUND')) throw error;
    const hint = "if it belongs to the query, quote the whole query as one word: 'connection refused'";
    throw new LogsError('NOT_FOUND', error.message, { hint, cause: error });
  }
}

/**
 * Writes records as they come; returns what they end with. What fails before the first of them leaves the destination
 * empty, what fails later a document that is shorter and whole.
 */
export async function showRecords<End>(
  batches: AsyncGenerator<readonly LogRecord[], End>,
  destination: Destination,
  selection: Selection,
): Promise<End> {
  const output = await openRecordOutput(destination.format, selection, destination.style);
  let begun = false;
  const begin = async () => {
    if (!begun) await destination.write(output.begin());
    begun = true;
  };
  try {
    for (;;) {
      const next = await batches.next();
      await begin();
      if (next.done) {
        await destination.write(await output.end());
        return next.value;
      }
      await destination.write(output.records(next.value));
    }
  } catch (error) {
    // Where writing was what failed, this fails too, and the first error is the one to tell.
    if (begun && output.cutShort !== undefined) await destination.write(output.cutShort()).catch(() => undefined);
    throw error;
  } finally {
    // Ends the query behind it where writing was what failed.
    await batches.return(undefined as never).catch(() => undefined);
    await destination.close();
  }
}

/** Tells what damage kept out of the answer. True where the answer is partial and that was not allowed. */
export function tellDamage(report: ReadReport, allowed: boolean, kind: OpenedReader['kind']): boolean {
  const first = report.damage.slice(0, 20);
  // What is said of a file names it.
  for (const damage of first)
    if (kind === 'files') say(damage.what);
    else tellPlace(damage);
  if (report.damage.length > 20) say(`damaged: ${report.damage.length - 20} more places`);
  return isPartial(report, allowed, kind);
}

export function tellPlace({ where, what }: Damage): void {
  say(`damaged: ${where}: ${what}`);
}

/** Whether damage that was told makes the answer partial where that was not allowed; says so. */
export function isPartial(report: ReadReport, allowed: boolean, kind: OpenedReader['kind']): boolean {
  if (report.damage.length === 0 || allowed) return false;
  const more = kind === 'store' ? '; logs store verify says what is wrong' : '';
  say(`error: the answer is partial\nhint: --allow-partial takes it as it is${more}`);
  return true;
}

/** Says why there may be no answer: nothing there at all, a field or a time that no event has, an input nobody read. */
export async function tellNothing(
  reader: OpenedReader,
  request: ReadRequest,
  report: ReadReport,
  signal: AbortSignal,
): Promise<void> {
  const input = waitingInput();
  if (request.files.length === 0 && input) say('note: standard input was not read; to search it, end the line with -');
  if (request.missing !== undefined) say(`note: there is no file ${request.missing}; it was searched for as words`);
  // A topic would be read once more, from its beginning.
  if (reader.once || reader.kind === 'topics') return;
  const { from, to } = request.range;
  const fields = fieldsOf(splitStages(request.query).filter).filter((field) => !isInEveryEvent(field));
  const there = report.scanned + (report.passed ?? 0);
  // There are events, then, and files would be read once more to find the newest.
  const known = reader.empty === undefined && there > 0 && (reader.kind === 'files' || fields.length === 0);
  if (from === undefined && to === undefined && known) return;
  const events = await newestEvents(fields, reader, request, signal);
  const [newest] = events;
  if (newest === undefined) {
    if (reader.empty !== undefined) say(reader.empty);
    else if (reader.kind === 'store' && request.from === undefined)
      say('the store is empty; put something in: cat app.log | logs ship');
    else say('there are no events in what was read');
    return;
  }
  tellAbsentFields(fields, events);
  if (from === undefined && to === undefined) return;
  const outside = (from !== undefined && newest.ts < from) || (to !== undefined && newest.ts >= to);
  if (outside)
    say(`the newest event is at ${prettyTime(newest.ts, request.clock.zone)}; --since all looks at every one`);
}

/** So many events are looked at for the fields that are asked for. */
const LOOKED_AT = 1000;

/** Says which of the fields shown or grouped by no event has, where none of the answer's has. */
export async function tellAbsent(
  fields: readonly string[],
  reader: OpenedReader,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<void> {
  if (fields.length === 0) return;
  // Files and topics would be read once more.
  if (reader.kind === 'store' || reader.kind === 'indices')
    tellAbsentFields(fields, await newestEvents(fields, reader, request, signal));
  else for (const field of fields) say(`no event here has the field ${field}`);
}

function tellAbsentFields(fields: readonly string[], events: readonly LogRecord[]): void {
  const among = events.length < LOOKED_AT ? 'no event has' : `none of the newest ${LOOKED_AT} events has`;
  for (const { field, meant } of absentFields(fields, events)) {
    say(`${among} the field ${field}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
}

/** The newest first: so many that each of the fields is in one, or as many as are looked at. */
async function newestEvents(
  fields: readonly string[],
  reader: OpenedReader,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<readonly LogRecord[]> {
  const every = {
    query: { filter: { kind: 'all' } as const, stages: [] },
    clock: request.clock,
    range: {},
    limit: fields.length === 0 ? 1 : LOOKED_AT,
    newestFirst: true,
  };
  const unseen = new Set(fields);
  const found: LogRecord[] = [];
  for await (const batch of noting(unseen, search(reader.store, every, newTally(), signal))) {
    found.push(...batch);
    if (unseen.size === 0) break;
  }
  return found;
}

/** Takes from the names of fields those that some record has. */
export async function* noting(
  unseen: Set<string>,
  batches: AsyncGenerator<readonly LogRecord[]>,
): AsyncGenerator<readonly LogRecord[]> {
  for await (const batch of batches) {
    for (const field of unseen) if (batch.some((record) => valuesOf(record, field).length > 0)) unseen.delete(field);
    yield batch;
  }
}

/** Standard input is a pipe or a file with something in it. It is never read to find out: it may be another's. */
function waitingInput(): boolean {
  try {
    const info = fstatSync(0);
    return info.isFIFO() || (info.isFile() && info.size > 0);
  } catch {
    return false;
  }
}
