import type { Aggregator } from '../../../query/aggregate.ts';
import type { StatFunction } from '../../../query/ast.ts';
import type { SegmentTable } from '../../../query/key-columns.ts';
import type { Predicate } from '../../../query/predicate.ts';
import { FALSE, type Sql, TRUE } from '../../../query/sql-pair.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { AggregatePlan } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
import { type ReadPlace, readParts } from './read-parts.ts';
import { type Likeness, recordOf } from './likeness.ts';
import { readRows } from './read-rows.ts';
import { eachRow } from './row-records.ts';
import { fieldKey, type RowKey, timeKey } from './row-keys.ts';
import { rowsAtOnce } from './rows-at-once.ts';
import { type GroupRows, type RowRange, rangeSql, rowsOf } from './rows-sql.ts';
import type { OpenSegment } from './segment-reader.ts';

/** Segments read by one statement. */
const MOST_PARTS = 64;
/** Rows read by their numbers at once. */
const MOST_ROWS = 8192;

/** What one aggregation asks of the rows of segments for which its statement is the same. */
export interface Counted {
  readonly place: ReadPlace;
  readonly plan: AggregatePlan;
  readonly matches: Predicate;
  readonly aggregator: Aggregator;
  /** Of the segments. */
  readonly table: SegmentTable;
  readonly may: Sql;
  readonly surely: Sql;
}

/** Adds the rows of some groups: counted in SQL where it is sure of them and its columns tell all, else as events. */
export async function addGroups(asked: Counted, parts: readonly GroupRows[]): Promise<void> {
  const keys = rowKeys(asked.plan, asked.table);
  for (let from = 0; from < parts.length; from += MOST_PARTS) {
    const some = parts.slice(from, from + MOST_PARTS);
    if (keys === undefined || asked.surely === FALSE) await addEvents(asked, some, asked.may);
    else await countGroups(asked, some, keys);
  }
}

/** The columns that all keys and statistics of a plan can be read from; undefined where one of them needs the events. */
export function rowKeys(plan: AggregatePlan, table: SegmentTable): RowKey[] | undefined {
  const found = new Map<string, RowKey | undefined>();
  const add = (field: string, typed: boolean): void => {
    if (typed || !found.has(field)) found.set(field, fieldKey(field, { table, typed }));
  };
  const every = plan.by.find((key) => key.kind === 'every');
  if (every !== undefined) found.set('', timeKey(every.interval, plan.clock));
  for (const key of plan.by) {
    if (key.kind === 'field') add(key.field, true);
    else if (key.kind === 'bucket') add(key.field, false);
    else if (key !== every) return undefined;
  }
  for (const statistic of plan.functions) {
    if (!isCountable(statistic, plan)) return undefined;
    if ('field' in statistic) add(statistic.field, statistic.kind === 'distinct');
  }
  const keys: RowKey[] = [];
  for (const key of found.values()) {
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

/** Statistics that need no single event: not those by the order of time. */
function isCountable({ kind }: StatFunction, { by, range }: AggregatePlan): boolean {
  if (kind === 'first' || kind === 'last') return false;
  if (kind !== 'rate') return true;
  return by.some((key) => key.kind === 'every') || (range.from !== undefined && range.to !== undefined);
}

/** Rows alike, and how many. */
interface Alike {
  readonly events: number;
  readonly values: readonly unknown[];
}

/** What one statement says of some row groups: rows that are sure and told, and the numbers of all others. */
interface Sorted {
  readonly parts: readonly GroupRows[];
  /** To be gone through once, unless a key may have to be asked for with its types: texts can be long. */
  readonly alike: Iterable<Alike>;
  readonly others: ReadonlyMap<OpenSegment, number[]>;
}

async function countGroups(asked: Counted, parts: readonly GroupRows[], keys: readonly RowKey[]): Promise<void> {
  for await (const sorted of readParts(asked.place, parts, (duck, whole) => sortRows(duck, asked, whole, keys))) {
    if (needsTypes(keys, sorted)) {
      const typed = keys.map((key) => key.typed?.key ?? key);
      await countGroups(asked, sorted.parts, typed);
    } else await addSorted(asked, sorted, keys);
  }
}

async function addSorted(asked: Counted, { alike, others }: Sorted, keys: readonly RowKey[]): Promise<void> {
  const { place, aggregator } = asked;
  for (const { events, values } of alike) {
    place.report.scanned += events;
    if (events > 0) aggregator.add(likenessOf(keys, values), events);
  }
  for (const [segment, rows] of others)
    await addRows(
      asked,
      segment,
      rows.sort((a, b) => a - b),
    );
}

function mayNeedTypes(keys: readonly RowKey[]): boolean {
  return keys.some(({ typed }) => typed !== undefined);
}

function needsTypes(keys: readonly RowKey[], { alike }: Sorted): boolean {
  if (!mayNeedTypes(keys)) return false;
  for (const { values } of alike) {
    let at = 0;
    for (const { columns, typed } of keys) {
      if (typed?.isNeeded(values.slice(at, at + columns.length)) === true) return true;
      at += columns.length;
    }
  }
  return false;
}

function sureOf({ may, surely }: Counted, keys: readonly RowKey[]): Sql {
  const told = keys.flatMap(({ told: by }) => (by === undefined || by === TRUE ? [] : [by.text]));
  const parts = [...(may === surely ? [] : [`(${surely.text})`]), ...new Set(told)];
  return { text: parts.length === 0 ? 'TRUE' : parts.join(' AND '), params: may === surely ? [] : surely.params };
}

async function sortRows(
  duck: Duck,
  asked: Counted,
  parts: readonly GroupRows[],
  keys: readonly RowKey[],
): Promise<Sorted> {
  const { may, plan, place } = asked;
  const sure = sureOf(asked, keys);
  const columns = keys.flatMap((key) => key.columns);
  const names = columns.map((_, at) => `g${at}`);
  const shown = columns.map(({ shown: by }, at) => (by === undefined ? `g${at}` : `${by}(g${at})`));
  const rows = `${rowsOf(parts)} WHERE ${rangeSql(plan.range)} AND (${may.text})`;
  const others = new Map<OpenSegment, number[]>();
  if (sure.text === 'TRUE') {
    const own = columns.map(({ by }, at) => `${by} AS g${at}`);
    const chunks = await duck.query(
      `SELECT ${['events', ...shown].join(', ')} FROM (
         SELECT ${[...own, 'count(*) AS events'].join(', ')} FROM ${rows} GROUP BY ALL)`,
      may.params,
      place.signal,
    );
    return { parts, alike: mayNeedTypes(keys) ? [...alikeIn(chunks)] : alikeIn(chunks), others };
  }
  const own = columns.map(({ by }, at) => `CASE WHEN sure THEN ${by} END AS g${at}`);
  const row = ['CASE WHEN NOT sure THEN part END AS p', 'CASE WHEN NOT sure THEN file_row_number END AS r'];
  const chunks = await duck.query(
    `SELECT ${['p', 'r', 'events', ...shown].join(', ')} FROM (
       SELECT ${['p', 'r', ...names].join(', ')}, count(*) AS events
         FROM (SELECT ${[...row, ...own].join(', ')} FROM (SELECT *, (${sure.text}) AS sure FROM ${rows}))
        GROUP BY ALL)`,
    [...sure.params, ...may.params],
    place.signal,
  );
  const alike: Alike[] = [];
  for (const chunk of chunks) {
    for (const [part, number, events, ...values] of chunk.getRows()) {
      const segment = parts[Number(part ?? -1)]?.segment;
      if (segment === undefined) alike.push({ events: Number(events), values });
      else addTo(others, segment, Number(number));
    }
  }
  return { parts, alike, others };
}

/** One by one out of DuckDB's memory, so that they are not all held twice. */
function* alikeIn(chunks: Awaited<ReturnType<Duck['query']>>): Generator<Alike> {
  for (const chunk of chunks)
    for (const [events, ...values] of chunk.getRows()) yield { events: Number(events), values };
}

function addTo(rows: Map<OpenSegment, number[]>, segment: OpenSegment, row: number): void {
  const known = rows.get(segment);
  if (known === undefined) rows.set(segment, [row]);
  else known.push(row);
}

/** A record that the keys and statistics read as they would those of the rows it stands for. */
function likenessOf(keys: readonly RowKey[], values: readonly unknown[]): LogRecord {
  const likeness: Likeness = { ts: 0n, level: 'UNKNOWN', fields: {} };
  let at = 0;
  for (const key of keys) {
    key.set(likeness, values.slice(at, at + key.columns.length));
    at += key.columns.length;
  }
  return recordOf(likeness);
}

/** Adds the events of all rows that may match. */
async function addEvents(asked: Counted, parts: readonly GroupRows[], filter: Sql): Promise<void> {
  const { place, plan } = asked;
  const condition = `${rangeSql(plan.range)} AND (${filter.text})`;
  for (const { segment, groups } of parts) {
    for (const group of groups) {
      for (const rows of steps(segment, group)) {
        const part = { segment, groups: [group], rows };
        const found = readParts(place, [part], async (duck, some) => {
          const records: LogRecord[] = [];
          await eachRow(duck, some, condition, filter.params, place.signal, (_, record) => records.push(record));
          return records;
        });
        for await (const records of found) addRecords(asked, records);
      }
    }
  }
}

/** The rows of a group in steps that are read at once. */
function* steps({ entry, starts }: OpenSegment, group: number): Generator<RowRange> {
  const end = starts[group + 1] ?? 0;
  const most = rowsAtOnce(entry);
  for (let from = starts[group] ?? 0; from < end; from += most) yield [from, Math.min(end, from + most) - 1];
}

/** Adds the events of some rows. */
async function addRows(asked: Counted, segment: OpenSegment, rows: readonly number[]): Promise<void> {
  const most = Math.min(MOST_ROWS, rowsAtOnce(segment.entry));
  for (let from = 0; from < rows.length; from += most) {
    addRecords(asked, (await readRows(asked.place, segment, rows.slice(from, from + most))).values());
  }
}

function addRecords({ place, matches, aggregator }: Counted, records: Iterable<LogRecord>): void {
  for (const record of records) {
    place.report.scanned++;
    if (matches(record)) aggregator.add(record);
  }
}
