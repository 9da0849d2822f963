import type { Fs } from '../../../buffer/fs.ts';
import { fieldNames, hasField } from '../../../query/absent-fields.ts';
import { soleRole } from '../../../query/field-kind.ts';
import { needsOfName } from '../../../query/filter-needs.ts';
import { LineNeeds } from '../../../query/line-needs.ts';
import { canBeMet } from '../../../query/needs.ts';
import { aliasOf, FIELD_ALIASES, type Role } from '../../../record/aliases.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { Glimpse } from '../../../store/store.ts';
import type { Snapshot } from '../embedded-store.ts';
import { type SegmentEntry, STORED_ROLES, type StoredRole } from '../layout.ts';
import { mayMeet } from './groups.ts';
import type { LiveLog } from './live-logs.ts';
import { liveSource } from './sources.ts';
import { type OpenSegment, openSegment } from './segment-reader.ts';

/** Where the newest events are in more segments, their indexes would take longer to read than some of the events. */
const MOST_SEGMENTS = 64;

/** What a store knows of fields of its newest events by commits, indexes and the little that is in log files: no DuckDB. */
export async function glimpse(
  { fs, tenantDir }: { readonly fs: Fs; readonly tenantDir: string },
  { logs, state }: Snapshot,
  { fields, recent }: { readonly fields: readonly string[]; readonly recent: number },
  signal: AbortSignal,
): Promise<Glimpse> {
  const live = await newestLive(logs, recent, signal);
  const newest = newestSegments([...state.segments.values()], recent);
  const isTooMuch = newest.length > MOST_SEGMENTS;
  // One that is damaged tells nothing.
  const segments = isTooMuch
    ? []
    : await Promise.all(newest.map((entry) => openSegment(fs, tenantDir, entry).catch(() => undefined)));
  const isUnknown = isTooMuch || segments.includes(undefined);
  const known = segments.filter((segment) => segment !== undefined);
  const present = fields.filter((field) => hasField(live, field) || known.some((each) => hasOften(each, field)));
  const absent = fields.filter(
    (field) => !isUnknown && !present.includes(field) && known.every((each) => !mayHave(each, field)),
  );
  return {
    newest: later(live[0]?.ts, newest[0] && BigInt(newest[0].maxTs)),
    all: newest.length === state.segments.size && live.length < recent,
    present: new Set(present),
    absent: new Set(absent),
    names: new Set([...fieldNames(live), ...known.flatMap(namesOf)]),
    allNames: state.segments.size === 0,
  };
}

function later(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** The newest first. */
async function newestLive(logs: readonly LiveLog[], recent: number, signal: AbortSignal): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  const source = liveSource(logs, {
    range: {},
    order: 'newest',
    needs: new LineNeeds({ kind: 'all' }, { now: 0n, zone: 'UTC' }),
    matches: () => true,
    report: { scanned: 0, damage: [] },
    signal,
  });
  while (found.length < recent) {
    const records = await source.next();
    if (records.length === 0) break;
    found.push(...records);
  }
  return found.slice(0, recent);
}

/** Segments among whose rows the newest are, so many; that of the newest row first. */
function newestSegments(entries: readonly SegmentEntry[], recent: number): SegmentEntry[] {
  const sorted = [...entries].sort((a, b) => (BigInt(a.maxTs) < BigInt(b.maxTs) ? 1 : -1));
  let rows = 0;
  const enough = sorted.findIndex((entry) => (rows += entry.rows) >= recent);
  const first = enough === -1 ? sorted : sorted.slice(0, enough + 1);
  const floor = first.reduce((min, { minTs }) => (BigInt(minTs) < min ? BigInt(minTs) : min), 2n ** 63n);
  return sorted.filter(({ maxTs }) => BigInt(maxTs) >= floor);
}

/** So seldom a field may be in a segment that has been seen there, and yet in none of its newest events. */
const SELDOM = 0.01;

/** Whether events of a segment have a field, so many that some of the newest do. */
function hasOften({ entry, index }: OpenSegment, field: string): boolean {
  const role = stored(aliasOf(field)?.role);
  const kept = FIELD_ALIASES.get(field) ?? field;
  const rows = role === undefined ? index.keys.find(({ key }) => key === kept)?.rows : entry.roles?.[role];
  return (rows ?? 0) > entry.rows * SELDOM;
}

function mayHave({ entry, index }: OpenSegment, field: string): boolean {
  const role = soleRole(field);
  if (role !== undefined) {
    const column = stored(role);
    return column === undefined || entry.roles === undefined || (entry.roles[column] ?? 0) > 0;
  }
  const needs = needsOfName(field);
  return index.groups.some((group) => canBeMet(needs, (need) => mayMeet(group, need)));
}

/** The role as one whose column may be empty; undefined for another. */
function stored(role: Role | undefined): StoredRole | undefined {
  return STORED_ROLES.find((each) => each === role);
}

function namesOf({ entry, index }: OpenSegment): string[] {
  return [...Object.keys(entry.roles ?? {}), ...index.keys.map(({ key }) => key)];
}
