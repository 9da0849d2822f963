import { LogsError } from '../lib/errors.ts';
import { valuesOf } from '../lib/record/field-access.ts';
import { openRecordOutput } from '../lib/render/record-outputs.ts';
import { escapeForTerminal } from '../lib/render/escape.ts';
import type { Selection } from '../lib/render/output.ts';
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

/** Tells what damage kept out of the answer. */
export function tellDamage({ damage }: ReadReport, kind: OpenedReader['kind']): void {
  // What is said of a file names it.
  for (const each of damage.slice(0, MOST_PLACES))
    if (kind === 'files') say(each.what);
    else tellPlace(each);
  if (damage.length > MOST_PLACES) say(`damaged: ${damage.length - MOST_PLACES} more places`);
}

const MOST_PLACES = 20;

export function tellPlace({ where, what }: Damage): void {
  say(`damaged: ${where}: ${what}`);
}

/**
 * Throws PARTIAL where damage, which was told, makes the answer partial and that was not allowed. `flags` are those of a
 * command that can allow it; `folder` is the store's, where it is one.
 */
export function refusePartial(
  report: ReadReport,
  folder: string | undefined,
  flags?: { readonly 'allow-partial': boolean },
): void {
  if (report.damage.length === 0 || flags?.['allow-partial'] === true) return;
  const hints = [
    ...(flags === undefined ? [] : ['--allow-partial takes it as it is']),
    ...(folder === undefined ? [] : [`logs store verify --store ${folder} says what is wrong`]),
  ];
  throw new LogsError('PARTIAL', 'the answer is partial', hints.length === 0 ? {} : { hint: hints.join('; ') });
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
