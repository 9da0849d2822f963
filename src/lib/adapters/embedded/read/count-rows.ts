import type { Aggregator } from '../../../query/aggregate.ts';
import type { StatFunction } from '../../../query/ast.ts';
import type { Predicate } from '../../../query/predicate.ts';
import type { Sql } from '../../../query/sql.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { AggregatePlan } from '../../../store/store.ts';
import type { PromotedColumn } from '../layout.ts';
import type { Duck } from '../segment/duckdb.ts';
import { type ReadPlace, readParts } from './read-parts.ts';
import { eachRow } from './row-records.ts';
import { fieldKey, type Likeness, type RowKey, timeKey } from './row-keys.ts';
import { type GroupRows, rangeSql, rowsOf } from './rows-sql.ts';

/** Rows whose events are read by one statement, at the most; where it is not known how many there are, a row group. */
const MOST_ROWS = 16_384;
/** Segments read by one statement. */
const MOST_PARTS = 64;

/** What one aggregation asks of the rows of segments that have the same columns. */
export interface Counted {
  readonly place: ReadPlace;
  readonly plan: AggregatePlan;
  readonly matches: Predicate;
  readonly aggregator: Aggregator;
  readonly may: Sql;
  readonly surely: Sql;
}

/** Adds the rows of some groups: counted in SQL where it is sure of them and its columns tell all, else as events. */
export async function addGroups(
  asked: Counted,
  columns: readonly PromotedColumn[],
  parts: readonly GroupRows[],
): Promise<void> {
  const keys = rowKeys(asked.plan, columns);
  for (let from = 0; from < parts.length; from += MOST_PARTS) {
    const some = parts.slice(from, from + MOST_PARTS);
    if (keys === undefined) await addEvents(asked, some, asked.may);
    else await countGroups(asked, some, keys);
  }
}

/** The columns that all keys and statistics of a plan can be read from; undefined where one of them needs the events. */
function rowKeys(plan: AggregatePlan, columns: readonly PromotedColumn[]): RowKey[] | undefined {
  const found = new Map<string, RowKey | undefined>();
  const add = (field: string, typed: boolean): void => {
    if (typed || !found.has(field)) found.set(field, fieldKey(field, { columns, typed }));
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

/** Rows alike, and how many; `sure` where they match and nothing more is to be known of them. */
interface Alike {
  readonly sure: boolean;
  readonly events: number;
  readonly values: readonly unknown[];
}

async function countGroups(asked: Counted, parts: readonly GroupRows[], keys: readonly RowKey[]): Promise<void> {
  const { place, aggregator } = asked;
  let used = keys;
  let sure = sureOf(asked, used);
  let rows = await readParts(place, parts, (duck, whole) => rowsAlike(duck, asked, whole, used, sure));
  if (rows?.some(({ values }) => needsTypes(used, values)) === true) {
    used = used.map((key) => key.typed?.key ?? key);
    sure = sureOf(asked, used);
    rows = await readParts(place, parts, (duck, whole) => rowsAlike(duck, asked, whole, used, sure));
  }
  let unsure = 0;
  for (const { sure: isSure, events, values } of rows ?? []) {
    if (!isSure) {
      unsure += events;
      continue;
    }
    place.report.scanned += events;
    if (events > 0) aggregator.add(likenessOf(used, values), events);
  }
  if (unsure === 0) return;
  const rest = { text: `(${asked.may.text}) AND NOT (${sure.text})`, params: [...asked.may.params, ...sure.params] };
  await addEvents(asked, parts, rest, unsure);
}

function needsTypes(keys: readonly RowKey[], values: readonly unknown[]): boolean {
  let at = 0;
  return keys.some(({ columns, typed }) => {
    const own = values.slice(at, at + columns.length);
    at += columns.length;
    return typed?.isNeeded(own) === true;
  });
}

function sureOf({ may, surely }: Counted, keys: readonly RowKey[]): Sql {
  const told = keys.flatMap((key) => key.told ?? []);
  const parts = [...(may === surely ? [] : [`(${surely.text})`]), ...new Set(told)];
  return { text: parts.length === 0 ? 'TRUE' : parts.join(' AND '), params: may === surely ? [] : surely.params };
}

async function rowsAlike(
  duck: Duck,
  { may, plan, place }: Counted,
  parts: readonly GroupRows[],
  keys: readonly RowKey[],
  sure: Sql,
): Promise<Alike[]> {
  const columns = keys.flatMap((key) => key.columns);
  const inner = columns.map(({ by }, at) => `, ${by} AS g${at}`).join('');
  const names = columns.map((_, at) => `g${at}`);
  const shown = columns.map(({ shown: by }, at) => (by === undefined ? `g${at}` : `${by}(g${at})`));
  const chunks = await duck.query(
    `SELECT sure, events${shown.map((column) => `, ${column}`).join('')} FROM (
       SELECT ${['sure', ...names].join(', ')}, count(*) AS events
         FROM (SELECT (${sure.text}) AS sure${inner} FROM ${rowsOf(parts)} WHERE ${rangeSql(plan.range)} AND (${may.text}))
        GROUP BY ${['sure', ...names].join(', ')})`,
    [...sure.params, ...may.params],
    place.signal,
  );
  return chunks.flatMap((chunk) =>
    chunk.getRows().map(([isSure, events, ...values]) => ({ sure: isSure === true, events: Number(events), values })),
  );
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

export function recordOf(likeness: Likeness): LogRecord {
  return {
    service: undefined,
    message: undefined,
    host: undefined,
    trace_id: undefined,
    span_id: undefined,
    ...likeness,
    raw: NO_BYTES,
    tsText: undefined,
    receivedAt: 0n,
    log_id: '',
    format: 'json',
  };
}

const NO_BYTES = new Uint8Array();

async function addEvents(asked: Counted, parts: readonly GroupRows[], filter: Sql, rows?: number): Promise<void> {
  const { place, plan, matches, aggregator } = asked;
  const condition = `${rangeSql(plan.range)} AND (${filter.text})`;
  const steps = rows !== undefined && rows <= MOST_ROWS ? [parts] : parts.flatMap(eachGroup);
  for (const step of steps) {
    const records = await readParts(place, step, async (duck, whole) => {
      const found: LogRecord[] = [];
      await eachRow(duck, whole, condition, filter.params, place.signal, (_, record) => found.push(record));
      return found;
    });
    for (const record of records ?? []) {
      place.report.scanned++;
      if (matches(record)) aggregator.add(record);
    }
  }
}

function eachGroup({ segment, groups }: GroupRows): GroupRows[][] {
  return groups.map((group) => [{ segment, groups: [group] }]);
}
