import { type Aggregator, createAggregator } from '../../../query/aggregate.ts';
import { filterNeeds } from '../../../query/filter-needs.ts';
import { LineNeeds } from '../../../query/line-needs.ts';
import { compilePredicate, type Predicate } from '../../../query/predicate.ts';
import { compileSql } from '../../../query/sql.ts';
import { HOUR_NS } from '../../../record/time.ts';
import { isInRange } from '../../../store/in-range.ts';
import type { AggregatePlan, AggregateTable } from '../../../store/store.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { addGroups, rowKeys } from './count-rows.ts';
import { asksCounted, CountedMatches, countedRecord, isCounted } from './counted.ts';
import { eachAtOnce, STATEMENTS } from './each-at-once.ts';
import { groupsOf, notePassed, rowsWithout } from './groups.ts';
import { eachLikelyEvent, type LiveLog, liveRecord } from './live-logs.ts';
import { openAhead, type ReadPlace } from './read-parts.ts';
import { entryOf, type GroupRows } from './rows-sql.ts';
import { sameStatement } from './same-statement.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { checkFiles, openSegment } from './segment-reader.ts';
import { SegmentTables } from './segment-tables.ts';
import { overlaps } from './sources.ts';
import type { WantedKeys } from './wanted-keys.ts';

/** Segments whose files are looked at or opened at once: each time is a way to another thread and back. */
const FILES = 16;

/**
 * Statistics over what a snapshot holds. Counts by service, level and hours come from the commits; what columns tell from
 * SQL where it surely matches; the rest from the events. Nothing is read of row groups that cannot hold a match.
 */
export async function aggregateStore(
  place: ReadPlace,
  snapshot: { readonly logs: readonly LiveLog[]; readonly state: StoreState },
  plan: AggregatePlan,
  wanted: WantedKeys,
): Promise<AggregateTable> {
  const { fs, tenantDir, report, signal } = place;
  const aggregator = createAggregator(plan);
  const matches = compilePredicate(plan.filter, plan.clock);
  const needs = filterNeeds(plan.filter, plan.clock);
  const lines = new LineNeeds(plan.filter, plan.clock);
  const counted = new CountedMatches(plan.filter, plan.clock);
  for (const log of snapshot.logs) {
    signal.throwIfAborted();
    const passed = eachLikelyEvent(log, lines, (event) => {
      const record = liveRecord(event);
      report.scanned++;
      if (isInRange(record.ts, plan.range) && matches(record)) aggregator.add(record);
    });
    notePassed(report, passed);
  }
  const tables = new SegmentTables(snapshot.state.segments.values());
  const statementOf = sameStatement(tables, (table) => [
    compileSql(plan.filter, plan.clock, table),
    rowKeys(plan, table),
  ]);
  const statements = new Map<string, GroupRows[]>();
  const add = async (entry: SegmentEntry): Promise<void> => {
    if (isCommitted(entry, plan)) {
      await checkFiles(fs, tenantDir, entry);
      addCommitted(entry, plan, matches, aggregator);
      notePassed(report, entry.rows);
      return;
    }
    const segment = await openSegment(fs, tenantDir, entry);
    const groups = groupsOf(segment, needs, plan.range, counted.of(entry));
    notePassed(report, rowsWithout(segment, groups));
    if (groups.length === 0) return;
    openAhead(place);
    wanted.note(plan, entry.columns);
    const statement = statementOf(entry);
    const parts = statements.get(statement);
    if (parts === undefined) statements.set(statement, [{ segment, groups }]);
    else parts.push({ segment, groups });
  };
  const entries = [...snapshot.state.segments.values()].filter((entry) => overlaps(entry, plan.range));
  await eachAtOnce(entries, FILES, async (entry) => {
    try {
      await add(entry);
    } catch (error) {
      noteDamage(report, await damageOf(error, fs, tenantDir, entry));
    }
  });
  // The largest first: the others are read beside it.
  const largestFirst = [...statements.values()].sort((a, b) => rowsIn(b) - rowsIn(a));
  await eachAtOnce(largestFirst, STATEMENTS, (parts) => {
    const table = tables.of(entryOf(parts));
    const { may, surely } = compileSql(plan.filter, plan.clock, table);
    return addGroups({ place, plan, matches, aggregator, table, may, surely }, parts);
  });
  return aggregator.table();
}

function rowsIn(parts: readonly GroupRows[]): number {
  return parts.reduce((sum, { segment }) => sum + segment.index.rows, 0);
}

/** Whether the commit's own counts are enough: for all of a segment, by service, level and whole hours of UTC. */
function isCommitted(entry: SegmentEntry, plan: AggregatePlan): boolean {
  const { from, to } = plan.range;
  if ((from !== undefined && BigInt(entry.minTs) < from) || (to !== undefined && BigInt(entry.maxTs) >= to))
    return false;
  if (plan.functions.some(({ kind }) => kind !== 'count')) return false;
  if (plan.filter.kind === 'all' && plan.by.length === 0) return true;
  if (entry.counts === undefined || !asksCounted(plan.filter)) return false;
  return plan.by.every((key) =>
    key.kind === 'every'
      ? key.interval % HOUR_NS === 0n && plan.clock.zone === 'UTC'
      : key.kind === 'field' && isCounted(key.field),
  );
}

function addCommitted(entry: SegmentEntry, plan: AggregatePlan, matches: Predicate, aggregator: Aggregator): void {
  if (plan.filter.kind === 'all' && plan.by.length === 0) {
    aggregator.addCounted([], entry.rows);
    return;
  }
  for (const count of entry.counts ?? []) {
    const record = countedRecord(count);
    if (matches(record)) aggregator.add(record, count[3]);
  }
}
