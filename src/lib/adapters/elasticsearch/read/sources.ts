import type { StatFunction } from '../../../query/ast.ts';
import type { FieldMap } from '../../../query/dsl-fields.ts';
import { anyOf, type Dsl, NONE } from '../../../query/dsl-pair.ts';
import { exists } from '../../../query/dsl-text.ts';
import { lateNumbers } from '../../../query/dsl-value.ts';
import { doubtOf, namesOf, ownPaths } from '../../../query/dsl.ts';
import { soleRole } from '../../../query/field-kind.ts';
import { zoneOf } from '../../../query/zone.ts';
import { aliasOf, ROLE_NAMES } from '../../../record/aliases.ts';
import type { AggregatePlan } from '../../../store/store.ts';
import { INEXACT, nameOfPath, SEVERAL } from '../document/names.ts';

/** A field that the server groups documents by, so that each group stands for equal ones. */
export type Source =
  /** Texts; `typed` ones may have been numbers or booleans. `field`: the name that documents have the values by. */
  | { readonly kind: 'text' | 'typed' | 'number'; readonly field: string; readonly path: string }
  /** Steps of time, in milliseconds, each of which is in one bucket of `every` in whole. */
  | { readonly kind: 'time'; readonly step: number };

/** How the server can count for a plan: what it groups by, and the documents it must leave to us. */
export interface Pushed {
  readonly sources: readonly Source[];
  readonly doubt: Dsl;
  /** Only numbers of events are asked for. */
  readonly counting: boolean;
}

const SECOND = 1_000_000_000n;
const MS = 1_000_000n;
const QUARTER = 900n * SECOND;
const DAY = 86_400n * SECOND;
/** Since then every zone's offset is whole quarters of an hour. */
const QUARTERS_SINCE = 66_700_800n * SECOND;

/** Undefined where the events are needed: `first`, `last`, running text, several names for one value. */
export function pushedOf(plan: AggregatePlan, fields: FieldMap): Pushed | undefined {
  const counting = plan.functions.every(({ kind }) => kind === 'count' || kind === 'rate');
  if (plan.functions.some(({ kind }) => kind === 'rate') && !knowsLength(plan)) return undefined;
  const wanted = new Map<string, 'typed' | 'number'>();
  const sources: Source[] = [];
  const doubts: Dsl[] = [];
  for (const key of plan.by) {
    if (key.kind === 'every') {
      const step = stepOf(plan, key.interval);
      if (step === undefined) return undefined;
      sources.push({ kind: 'time', step });
      doubts.push(doubtOf(fields, ['@timestamp']));
    } else want(wanted, key.field, key.kind === 'field' ? 'typed' : 'number');
  }
  for (const statistic of plan.functions) {
    const kind = wantedBy(statistic);
    if (kind === 'events') return undefined;
    if (kind !== 'nothing' && 'field' in statistic) want(wanted, statistic.field, kind);
  }
  for (const [field, kind] of wanted) {
    const found = sourceOf(field, kind, fields);
    if (found === undefined) return undefined;
    if (found.source !== undefined) addSource(sources, found.source);
    doubts.push(doubtOf(fields, found.names), ...found.others.map(exists), found.late);
    // The server puts an event in a group for each of its values, equal ones (1 and 1.0) too, and numbers with texts.
    doubts.push({ terms: { [INEXACT]: found.names.map((name) => `${SEVERAL}${name}`) } });
  }
  return { sources, doubt: anyOf(doubts), counting };
}

/** Once where two names stand for one value: a group's event has it once. */
function addSource(sources: Source[], source: Source & { readonly path: string }): void {
  const isThere = sources.some((other) => other.kind !== 'time' && other.path === source.path);
  if (!isThere) sources.push(source);
}

function knowsLength({ by, range }: AggregatePlan): boolean {
  return range.from !== undefined || by.some(({ kind }) => kind === 'every');
}

function want(wanted: Map<string, 'typed' | 'number'>, field: string, kind: 'typed' | 'number'): void {
  if (wanted.get(field) !== 'typed') wanted.set(field, kind);
}

function wantedBy({ kind }: StatFunction): 'nothing' | 'events' | 'typed' | 'number' {
  if (kind === 'count' || kind === 'rate') return 'nothing';
  if (kind === 'first' || kind === 'last') return 'events';
  return kind === 'distinct' ? 'typed' : 'number';
}

interface FoundSource {
  /** Absent: no event has a value there. */
  readonly source: (Source & { readonly path: string }) | undefined;
  readonly names: readonly string[];
  /** Paths that some documents have such values in as well. */
  readonly others: readonly string[];
  /** Documents that may have a number which the source has not. */
  readonly late: Dsl;
}

function sourceOf(field: string, kind: 'typed' | 'number', fields: FieldMap): FoundSource | undefined {
  if (field === 'received_at') return undefined;
  const role = field === 'log_id' ? undefined : aliasOf(field)?.role;
  if (role === 'time' || role === 'message') return undefined;
  const own = soleRole(field) === undefined ? ownPaths(field) : [];
  const known = own.filter((path) => fields.get(path) !== undefined);
  if (role !== undefined) {
    if (known.length > 0) return undefined;
    return {
      source: { kind: 'text', field, path: ROLE_NAMES[role] },
      names: [ROLE_NAMES[role], field],
      others: [],
      late: NONE,
    };
  }
  const names = namesOf(field);
  // What only has objects there has no plain value.
  const plain = known.filter((path) => !isObject(fields, path));
  const [path, ...others] = plain;
  if (path === undefined) return { source: undefined, names, others: [], late: NONE };
  const index = fields.get(path) ?? {};
  if (kind === 'number' && index.numbers !== undefined) {
    const source = { kind, field: nameOfPath(path), path: index.numbers };
    return { source, names, others, late: lateNumbers(index, path) };
  }
  if (index.terms === undefined) return undefined;
  const source = { kind: field === 'log_id' ? 'text' : 'typed', field: nameOfPath(path), path: index.terms } as const;
  return { source, names, others, late: NONE };
}

function isObject(fields: FieldMap, path: string): boolean {
  const { object, mixed } = fields.get(path) ?? {};
  return object === true && mixed !== true;
}

/** Steps that no edge of a bucket falls into, whatever the zone's clock does. Undefined below a millisecond. */
function stepOf({ clock, range }: AggregatePlan, interval: bigint): number | undefined {
  const zone = zoneOf(clock.zone);
  const whole = interval % (7n * DAY) === 0n ? DAY : interval;
  const [, hours, minutes] = /^[+-](\d\d):(\d\d)$/.exec(zone) ?? [];
  const shift =
    zone === 'UTC'
      ? whole
      : hours !== undefined
        ? BigInt(Number(hours) * 60 + Number(minutes)) * 60n * SECOND
        : range.from !== undefined && range.from >= QUARTERS_SINCE
          ? QUARTER
          : SECOND;
  const step = shift === 0n ? whole : gcd(whole, shift);
  return step % MS === 0n ? Number(step / MS) : undefined;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
