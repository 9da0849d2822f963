import { fstatSync } from 'node:fs';
import { newTally, search } from '../lib/app/search.ts';
import {
  type AbsentField,
  absentFields,
  fieldNames,
  fieldsOf,
  isInEveryEvent,
  withMeant,
} from '../lib/query/absent-fields.ts';
import { splitStages } from '../lib/query/stages.ts';
import type { LogRecord } from '../lib/record/record.ts';
import { prettyTime } from '../lib/render/record-pretty.ts';
import type { ReadReport } from '../lib/store/store.ts';
import type { OpenedReader } from '../lib/wire/readers.ts';
import { noting, say } from './reading.ts';
import type { ReadRequest } from './request.ts';

/** So many events are looked at for the fields that are asked for. */
const LOOKED_AT = 1000;
/** So many where it is known that none has the field, and only names like its own are looked for. */
const LOOKED_AT_FOR_NAMES = 100;

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
  const found = await lookAtNewest(fields, reader, request, signal);
  if (found.newest === undefined) {
    if (reader.empty !== undefined) say(reader.empty);
    else if (reader.kind === 'store' && request.from === undefined)
      say('the store is empty; put something in: cat app.log | logs ship');
    else say('there are no events in what was read');
    return;
  }
  tellFields(found);
  if (from === undefined && to === undefined) return;
  const { newest } = found;
  const outside = (from !== undefined && newest < from) || (to !== undefined && newest >= to);
  if (outside) say(`the newest event is at ${prettyTime(newest, request.clock.zone)}; --since all looks at every one`);
}

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
    tellFields(await lookAtNewest(fields, reader, request, signal));
  else for (const field of fields) say(`no event here has the field ${field}`);
}

/** What a look at the newest events found. */
interface Looked {
  /** The time of the newest event; undefined where there is none. */
  readonly newest: bigint | undefined;
  /** Those were all events there are. */
  readonly all: boolean;
  readonly absent: readonly AbsentField[];
}

function tellFields({ all, absent }: Looked): void {
  const among = all ? 'no event has' : `none of the newest ${LOOKED_AT} events has`;
  for (const { field, meant } of absent)
    say(`${among} the field ${field}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

/** Looks for fields in the newest events: by what the store knows of them, and reads them where that does not tell. */
async function lookAtNewest(
  fields: readonly string[],
  reader: OpenedReader,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<Looked> {
  const known = await reader.store.glimpse?.(fields, LOOKED_AT, signal);
  if (known === undefined || fields.some((field) => !known.present.has(field) && !known.absent.has(field))) {
    const events = await newestEvents(fields, LOOKED_AT, reader, request, signal);
    const newest = known?.newest ?? events[0]?.ts;
    return { newest, all: events.length < LOOKED_AT, absent: absentFields(fields, events) };
  }
  const absent = withMeant(known.absent, known.names);
  if (known.allNames || absent.every(({ field, meant }) => meant !== undefined && !isPath(field)))
    return { ...known, absent };
  // Names of nested fields are in the events alone.
  const most = absent.some(({ field }) => isPath(field)) ? LOOKED_AT : LOOKED_AT_FOR_NAMES;
  const events = await newestEvents([...known.absent], most, reader, request, signal);
  return { ...known, absent: withMeant(known.absent, new Set([...known.names, ...fieldNames(events)])) };
}

/** The name of a field in another, it seems. */
function isPath(field: string): boolean {
  return field.includes('.');
}

/** The newest first: so many that each of the fields is in one, or `most`. */
async function newestEvents(
  fields: readonly string[],
  most: number,
  reader: OpenedReader,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<readonly LogRecord[]> {
  const every = {
    query: { filter: { kind: 'all' } as const, stages: [] },
    clock: request.clock,
    range: {},
    limit: fields.length === 0 ? 1 : most,
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

/** Standard input is a pipe or a file with something in it. It is never read to find out: it may be another's. */
function waitingInput(): boolean {
  try {
    const info = fstatSync(0);
    return info.isFIFO() || (info.isFile() && info.size > 0);
  } catch {
    return false;
  }
}
