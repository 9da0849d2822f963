import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { openFileSource } from '../../../src/lib/adapters/file/file-source.ts';
import { batchesOf } from '../../../src/lib/app/ship-source.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { EventBatch } from '../../../src/lib/record/batch.ts';
import { eachEvent } from '../../../src/lib/record/events.ts';
import { formatLogId } from '../../../src/lib/record/log-id.ts';
import type { LogSource } from '../../../src/lib/read/source.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';
import { formatTime } from '../../../src/lib/record/time.ts';
import { CommitLog, compactStore, EmbeddedWriter, nodeFs, sealLog } from '../../lib/adapters/embedded/built.ts';
import { bytesOf, kept } from '../chain.ts';
import type { ShippedEvent } from '../../lib/query/hostile-events.ts';
import { eventsWithContext, linesOfFiles } from './events.ts';

/** How events come to be in the store: the first two are merged by compaction; the last stay in a log file, which is read whole for each query. */
const STAGES = ['merged', 'merged too', 'sealed', 'not sealed'] as const;
const LAST = STAGES.length - 1;
/**
 * Days, and the stage for each of seven lines of a kind. Each day of each stage is a segment, and most of a query's work
 * is by segment: what is of other days stays in the log file.
 */
const TURNS = new Map([
  ['2015-05-17', [0, 0, 0, 1, 1, 1, 3]],
  ['2022-03-27', [2, 2, 2, 2, 2, 2, 3]],
  ['2022-08-22', [0, 0, 1, 1, 2, 2, 3]],
  ['2023-01-29', [0, 0, 1, 1, 2, 2, 3]],
]);
/** Behind all real events, so that none is ahead of its time. */
export const NOW = BigInt(Date.UTC(2023, 0, 29, 12)) * 1_000_000n;
const signal = new AbortController().signal;

export interface Shipped {
  /** The folder of the store. */
  readonly dir: string;
  /** Every event as its bytes and context are read, without the id that the store gave. */
  readonly events: readonly LogRecord[];
  /** Of each stage the files. */
  readonly files: readonly (readonly string[])[];
}

/** Makes files of all kinds of lines, and a store that holds them and more: in segments, merged ones and a log file. */
export async function shipAll(folder: string): Promise<Shipped> {
  const dir = join(folder, 'store');
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  const tell = (problem: Error): void => expect.fail(problem.message);
  const events: LogRecord[] = [];
  const files: string[][] = [];
  for (const [stage, name] of STAGES.entries()) {
    files.push(writeFiles(join(folder, name), stage));
    const received = NOW - BigInt(STAGES.length - stage) * 60_000_000_000n;
    const writer = await EmbeddedWriter.open({
      dir,
      tell,
      now: () => Number(received / 1_000_000n),
      seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
      ...(name === 'not sealed' ? {} : { limits: { sealAtCloseBytes: 0 } }),
    });
    for await (const batch of batchesOfStage(files[stage] ?? [], stage)) {
      await writer.append(batch);
      events.push(...recordsOf(batch, received, (event) => batch.ids?.[event] ?? ''));
    }
    await writer.close();
    if (name === 'merged too') await compactStore(dir, { dryRun: false, progress: () => undefined, tell }, signal);
  }
  return { dir, events, files };
}

/** A file under a name that is the same in every run. */
export async function openNamed(path: string): Promise<LogSource> {
  const source = await openFileSource(path);
  return {
    name: join(basename(dirname(path)), basename(path)),
    identity: source.identity,
    size: source.size,
    read: (stop, from) => source.read(stop, from),
    close: () => source.close(),
  };
}

/** Those that a stage has, of lines of all kinds and days. */
function ofStage<T>(all: readonly T[], stage: number, eventOf: (each: T) => ShippedEvent): T[] {
  return all.filter((each, n) => {
    const { bytes, context } = eventOf(each);
    const { ts } = parseEvent(bytes, context, NOW, '');
    return (TURNS.get(formatTime(ts).slice(0, 10))?.[n % 7] ?? LAST) === stage;
  });
}

function writeFiles(folder: string, stage: number): string[] {
  mkdirSync(folder);
  return Array.from(linesOfFiles(), ([name, lines]) => {
    const path = join(folder, name);
    const own = ofStage(lines, stage, (bytes) => ({ bytes, context: {} }));
    writeFileSync(path, Buffer.concat(own.flatMap((line) => [line, Buffer.from('\n')])));
    return path;
  });
}

async function* batchesOfStage(files: readonly string[], stage: number): AsyncGenerator<EventBatch> {
  for (const path of files) yield* batchesOfFile(path);
  for (const [at, { bytes, context }] of ofStage(eventsWithContext(), stage, (each) => each).entries()) {
    const ids =
      stage % 2 === 1 && at % 3 === 0 ? { ids: [formatLogId(1_600_000_000_000 + at, 'abcdefabcdef', stage, at)] } : {};
    yield { bytes: Buffer.concat([bytes, Buffer.from('\n')]), lines: 1, context, ...ids };
  }
}

async function* batchesOfFile(path: string): AsyncGenerator<EventBatch> {
  yield* batchesOf(await openNamed(path), {
    read: { encoding: undefined, multiline: 'auto', context: {} },
    marks: undefined,
    again: false,
    tally: { nulBytes: 0, blank: 0, truncated: 0 },
    signal,
  });
}

/** The events of files with the ids they have there, received now. */
export async function recordsOfFiles(paths: readonly string[]): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const path of paths) {
    let first = 1;
    for await (const batch of batchesOfFile(path)) {
      const from = first;
      records.push(...recordsOf(batch, NOW, (_, line) => `${basename(path)}:${from + line}`));
      first += batch.lines;
    }
  }
  return records;
}

function recordsOf(
  { bytes, joins, context }: EventBatch,
  received: bigint,
  idOf: (event: number, line: number) => string,
): LogRecord[] {
  const records: LogRecord[] = [];
  eachEvent(bytes, joins, (start, end, line) => {
    const raw = Buffer.from(bytes.subarray(start, end));
    records.push(parseEvent(raw, context, received, idOf(records.length, line)));
  });
  // What was cut into events is what was given.
  expect(bytesOf(records).equals(kept(Buffer.from(bytes)))).toBe(true);
  return records;
}
