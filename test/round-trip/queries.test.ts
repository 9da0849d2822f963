import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEmbeddedStore } from '../../src/lib/adapters/embedded/embedded-store.ts';
import { openFileStore } from '../../src/lib/adapters/file/file-store.ts';
import { aggregate, count } from '../../src/lib/app/aggregate.ts';
import { newTally, search } from '../../src/lib/app/search.ts';
import { LogsError } from '../../src/lib/errors.ts';
import { parseQuery } from '../../src/lib/query/parse.ts';
import { printQuery } from '../../src/lib/query/print.ts';
import { splitStages } from '../../src/lib/query/stages.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';
import type { AggregateTable, LogStore } from '../../src/lib/store/store.ts';
import { countOfQueries, sampled, SEED } from '../lib/query/sampled.ts';
import { type Question, questionsAbout } from './queries/drawn-query.ts';
import { RecordStore } from './queries/record-store.ts';
import { NOW, openNamed, recordsOfFiles, type Shipped, shipAll } from './queries/shipped.ts';

const QUERIES = countOfQueries(60);
const TIMEOUT_MS = 60_000 + QUERIES * 1000;
/** So many differences are enough to go on with. */
const MOST_TOLD = 10;
const ALL: Question = {
  query: parseQuery('*'),
  range: {},
  limit: undefined,
  newestFirst: false,
  clock: { now: NOW, zone: 'UTC' },
};
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'logs-queries-'));
let shipped: Shipped;

beforeAll(async () => {
  shipped = await shipAll(folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function recordsIn(store: LogStore, question: Question): Promise<LogRecord[]> {
  const tally = newTally();
  const found: LogRecord[] = [];
  for await (const batch of search(store, question, tally, signal)) found.push(...batch);
  expect(tally.report.damage).toEqual([]);
  return found;
}

/** What is answered, in a form that can be compared: ids in order and their count, a table, or why it is refused. */
type Answer =
  | { readonly found: readonly string[]; readonly count: number | undefined }
  | AggregateTable
  | { readonly refused: string };

async function answer(store: LogStore, question: Question): Promise<Answer> {
  const { report } = newTally();
  try {
    if (splitStages(question.query).statistics !== undefined) {
      return (await aggregate(store, question, report, signal)).table;
    }
    const found = await recordsIn(store, question);
    // It is a pass of its own.
    const counted = question.limit === undefined && question.newestFirst;
    return { found: found.map(idOf), count: counted ? await count(store, question, report, signal) : undefined };
  } catch (error) {
    if (error instanceof LogsError) return { refused: error.message };
    throw error;
  } finally {
    expect(report.damage).toEqual([]);
  }
}

/** Files keep no ids: which of the events of one moment comes first is theirs. */
function inNoOrder(given: Answer): Answer {
  return 'found' in given ? { ...given, found: [...given.found].sort() } : given;
}

const idOf = ({ ts, log_id }: LogRecord): string => `${ts} ${log_id}`;

/** All that an event is, as text; but an id that the store gave it. */
function contentOf(record: LogRecord, own: ReadonlySet<string>): string {
  const log_id = own.has(record.log_id) ? record.log_id : '';
  const plain = { ...record, raw: Buffer.from(record.raw).toString('latin1'), log_id };
  return JSON.stringify(plain, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Asks two stores the same, over and over; tells what differs, with what it takes to ask it again. */
async function differences(
  questions: readonly Question[],
  ask: (question: Question, turn: number) => Promise<readonly [got: unknown, wanted: unknown]>,
): Promise<string> {
  const told: string[] = [];
  for (const [turn, question] of questions.entries()) {
    // As it is read back: what could not be typed is no question.
    const text = printQuery(question.query);
    const [got, wanted] = await ask({ ...question, query: parseQuery(text) }, turn);
    if (isDeepStrictEqual(got, wanted)) continue;
    const { range, limit, newestFirst, clock } = question;
    const how = `from ${range.from} to ${range.to}, limit ${limit}, ${newestFirst ? 'newest' : 'oldest'} first, ${clock.zone}`;
    told.push(`${turn}: ${text}\n  ${how}\n  ${differenceOf(got, wanted)}`);
    if (told.length >= MOST_TOLD) break;
  }
  return told.join('\n');
}

/** The first that is not in the other, and how many there are. */
function differenceOf(got: unknown, wanted: unknown): string {
  const lines = (value: unknown): string[] =>
    inspect(value, { depth: 9, maxArrayLength: null, maxStringLength: 400, breakLength: 160, compact: 3 }).split('\n');
  const [ours, theirs] = [lines(got), lines(wanted)];
  const only = (all: string[], others: string[]): string => {
    const rest = new Set(others);
    const alone = all.filter((line) => !rest.has(line));
    return `${alone.length} of ${all.length} lines: ${alone.slice(0, 3).join(' ').trim()}`;
  };
  return `got alone    ${only(ours, theirs)}\n  wanted alone ${only(theirs, ours)}`;
}

/** The predicate is what a query means; a store has to find and count by it, and by nothing else. */
describe(`over ${QUERIES} queries of seed ${SEED}`, () => {
  it('a store of segments, merged ones and a log file answers as the predicate does over what was shipped', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const store = await openEmbeddedStore(shipped.dir);
    try {
      const own = new Set(shipped.events.map(({ log_id }) => log_id));
      const sorted = (records: readonly LogRecord[]) =>
        records
          .map((record) => [contentOf(record, own), record] as const)
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      const [given, events] = [sorted(await recordsIn(store, ALL)), sorted(shipped.events)];
      expect(given.length).toBe(events.length);
      for (const [at, [content]] of events.entries()) expect(given[at]?.[0]).toBe(content);
      // The ids that were minted are the store's; all else is read from what was shipped.
      const records = new RecordStore(
        events.map(([, record], at) => ({ ...record, log_id: record.log_id || (given[at]?.[1].log_id ?? '') })),
      );
      const questions = sampled(questionsAbout(shipped.events, NOW), QUERIES);
      const told = await differences(questions, async (question) => [
        await answer(store, question),
        await answer(records, question),
      ]);
      expect(told).toBe('');
    } finally {
      await store.close();
    }
  });

  it('files are answered as the predicate does over their lines', { timeout: TIMEOUT_MS }, async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Number(NOW / 1_000_000n) });
    try {
      const stages = await Promise.all(
        shipped.files.map(async (paths) => {
          const store = openFileStore(paths.map((path) => ({ name: path, open: () => openNamed(path) })));
          return { store, records: new RecordStore(await recordsOfFiles(paths)) };
        }),
      );
      const questions = sampled(questionsAbout(shipped.events, NOW), Math.ceil(QUERIES / 5)).map(unordered);
      const told = await differences(questions, async (question, turn) => {
        const { store, records } = stages[turn % stages.length] ?? expect.fail('no files');
        return [inNoOrder(await answer(store, question)), inNoOrder(await answer(records, question))];
      });
      expect(told).toBe('');
    } finally {
      vi.useRealTimers();
    }
  });
});

/** Without what takes only some of the events in their order. */
function unordered(question: Question): Question {
  const { filter, stages } = question.query;
  const statistics = stages[0]?.kind === 'stats' || stages[0]?.kind === 'top' ? stages : [];
  return { ...question, query: { filter, stages: statistics }, limit: undefined };
}
