import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Fs } from '../../../buffer/fs.ts';
import { type Aggregator, createAggregator } from '../../../query/aggregate.ts';
import { compilePredicate, type Predicate } from '../../../query/predicate.ts';
import { compileSql, type Sql } from '../../../query/sql.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import { alignTime } from '../../../query/time-range.ts';
import { zoneOf } from '../../../query/zone.ts';
import { LEVELS } from '../../../record/level.ts';
import { HOUR_NS, SECOND_NS } from '../../../record/time.ts';
import { isInRange } from '../../../store/in-range.ts';
import type { AggregatePlan, AggregateTable, ReadReport } from '../../../store/store.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { eachLiveEvent, type LiveLog, liveRecord } from './live-logs.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { checkFiles, eachRow, type OpenSegment, openSegment, rangeSql } from './segment-reader.ts';
import { overlaps } from './sources.ts';

type Key = AggregatePlan['by'][number];
type Cell = string | bigint | null;

/** Rows read at once where statistics need the events. */
const SLICE = 4096;

/** A group key that SQL can compute and the cell it stands for; undefined where only the event tells. */
interface CountableKey {
  readonly sql: string;
  cell(value: unknown): Cell;
}

const LEVEL_NAMES = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));

function countableKey(key: Key, plan: AggregatePlan): CountableKey | undefined {
  if (key.kind === 'every') {
    // Rows of one second are in one group in every zone; the zone's rules are applied to the few seconds, not in SQL.
    if (key.interval % SECOND_NS !== 0n) return undefined;
    const zone = zoneOf(plan.clock.zone);
    return {
      sql: `${COLUMNS.ts} // ${SECOND_NS}::BIGINT`,
      cell: (value) => alignTime((value as bigint) * SECOND_NS, key.interval, zone),
    };
  }
  if (key.kind !== 'field') return undefined;
  if (key.field === 'level')
    return { sql: COLUMNS.level, cell: (value) => LEVEL_NAMES.get(Number(value)) ?? 'UNKNOWN' };
  if (key.field !== 'service' && key.field !== 'host') return undefined;
  return { sql: `encode(${COLUMNS[key.field]})`, cell: (value) => textOf(value) };
}

/** Read as bytes: as VARCHAR a leading U+FEFF would be lost. */
function textOf(value: unknown): string | null {
  if (value === null) return null;
  return Buffer.from((value as { readonly bytes: Uint8Array }).bytes).toString('utf8');
}

export interface StorePlace {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly duck: () => Promise<Duck>;
}

/**
 * Statistics over what a snapshot holds. Counts by service, level and hours come from the commits where the filter
 * takes everything; counts by service, host, level and time from SQL where it surely matches; the rest from the events.
 */
export async function aggregateStore(
  place: StorePlace,
  snapshot: { readonly logs: readonly LiveLog[]; readonly state: StoreState },
  plan: AggregatePlan,
  report: ReadReport,
  signal: AbortSignal,
): Promise<AggregateTable> {
  const aggregator = createAggregator(plan);
  const matches = compilePredicate(plan.filter, plan.clock);
  const { may, surely } = compileSql(plan.filter, plan.clock);
  const countable = plan.by.map((key) => countableKey(key, plan));
  const keys = countable.filter((key) => key !== undefined);
  const counting = keys.length === plan.by.length && plan.functions.every(({ kind }) => kind === 'count');
  for (const log of snapshot.logs) {
    signal.throwIfAborted();
    eachLiveEvent(log, (event) => {
      const record = liveRecord(event);
      report.scanned++;
      if (isInRange(record.ts, plan.range) && matches(record)) aggregator.add(record);
    });
  }
  for (const entry of snapshot.state.segments.values()) {
    if (!overlaps(entry, plan.range)) continue;
    try {
      const counts = plan.filter.kind === 'all' && counting ? committedCounts(entry, plan) : undefined;
      if (counts !== undefined) {
        await checkFiles(place.fs, place.tenantDir, entry);
        for (const { cells, n } of counts) aggregator.addCounted(cells, n);
        continue;
      }
      const segment = await openSegment(place.fs, place.tenantDir, entry);
      const asked = { segment, range: rangeSql(plan.range), matches, aggregator, report, signal };
      const duck = await place.duck();
      if (counting) await countRows(duck, asked, keys, both(may, surely));
      const rest = counting ? without(may, surely) : may;
      if (rest !== undefined) await addRows(duck, asked, rest);
    } catch (error) {
      noteDamage(report, await damageOf(error, place.fs, place.tenantDir, entry));
    }
  }
  return aggregator.table();
}

interface Asked {
  readonly segment: OpenSegment;
  readonly range: string;
  readonly matches: Predicate;
  readonly aggregator: Aggregator;
  readonly report: ReadReport;
  readonly signal: AbortSignal;
}

/** The commit's own counts where they are enough: for all of a segment, by service, level and whole hours of UTC. */
function committedCounts(
  entry: SegmentEntry,
  plan: AggregatePlan,
): readonly { readonly cells: Cell[]; readonly n: number }[] | undefined {
  const { from, to } = plan.range;
  if ((from !== undefined && BigInt(entry.minTs) < from) || (to !== undefined && BigInt(entry.maxTs) >= to))
    return undefined;
  if (plan.by.length === 0) return [{ cells: [], n: entry.rows }];
  const { counts } = entry;
  if (counts === undefined) return undefined;
  const fits = plan.by.every((key) =>
    key.kind === 'every'
      ? key.interval % HOUR_NS === 0n && plan.clock.zone === 'UTC'
      : key.kind === 'field' && (key.field === 'service' || key.field === 'level'),
  );
  if (!fits) return undefined;
  const zone = zoneOf('UTC');
  return counts.map(([service, level, hour, n]) => {
    const cells = plan.by.map((key): Cell => {
      if (key.kind === 'every') return alignTime(BigInt(hour) * HOUR_NS, key.interval, zone);
      return key.kind === 'field' && key.field === 'service' ? service : level;
    });
    return { cells, n };
  });
}

/** The same as `surely`, which is never wider than `may`; but `may` is the cheaper of the two and rules most rows out. */
function both(may: Sql, surely: Sql): Sql {
  return { text: `(${may.text}) AND (${surely.text})`, params: [...may.params, ...surely.params] };
}

/** Rows that may match but not surely: undefined where there is no such row. */
function without(may: Sql, surely: Sql): Sql | undefined {
  if (may === surely) return undefined;
  return { text: `(${may.text}) AND NOT (${surely.text})`, params: [...may.params, ...surely.params] };
}

async function countRows(duck: Duck, asked: Asked, keys: readonly CountableKey[], surely: Sql): Promise<void> {
  const columns = keys.map((key) => key.sql);
  const groups = columns.length === 0 ? '' : `GROUP BY ${columns.map((_, at) => at + 2).join(', ')}`;
  const chunks: readonly DuckDBDataChunk[] = await duck.query(
    `SELECT count(*), ${[...columns, 'NULL'].join(', ')} FROM ${asked.segment.table}
      WHERE ${asked.range} AND (${surely.text}) ${groups}`,
    surely.params,
    asked.signal,
  );
  for (const chunk of chunks) {
    for (const [count, ...values] of chunk.getRows()) {
      const n = Number(count);
      asked.report.scanned += n;
      if (n > 0)
        asked.aggregator.addCounted(
          keys.map((key, at) => key.cell(values[at] ?? null)),
          n,
        );
    }
  }
}

async function addRows(duck: Duck, asked: Asked, filter: Sql): Promise<void> {
  const { segment, aggregator, matches, report, signal } = asked;
  for (let from = 0; from < segment.entry.rows; from += SLICE) {
    const slice = `file_row_number BETWEEN ${from} AND ${from + SLICE - 1}`;
    const condition = `${slice} AND ${asked.range} AND (${filter.text})`;
    await eachRow(duck, segment, condition, filter.params, signal, (_, record) => {
      report.scanned++;
      if (matches(record)) aggregator.add(record);
    });
  }
}
