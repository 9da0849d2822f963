import { type Aggregator, createAggregator } from '../../../query/aggregate.ts';
import { allOf, type Dsl, NONE, not } from '../../../query/dsl-pair.ts';
import { compileDsl } from '../../../query/dsl.ts';
import { compileKey } from '../../../query/group-key.ts';
import type { Level } from '../../../record/level.ts';
import { aliasOf } from '../../../record/aliases.ts';
import type { Fields, LogRecord } from '../../../record/record.ts';
import type { AggregatePlan, AggregateTable, ReadReport } from '../../../store/store.ts';
import { type Group, groupsOf } from './groups.ts';
import type { View } from './indices.ts';
import { inRange, matching, type Server } from './search.ts';
import { pushedOf, type Source } from './sources.ts';

export interface AggregateContext {
  readonly report: ReadReport;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

/** Events read for statistics beyond which a word is due. */
const WORTH_A_WORD = 10_000;

/**
 * Statistics over indices. The server counts groups of equal events where the index has what is asked for as the
 * documents have it; the other documents are read, so that the numbers are those of the events.
 */
export async function aggregateIndices(
  server: Server,
  view: View,
  plan: AggregatePlan,
  context: AggregateContext,
): Promise<AggregateTable> {
  const { fields } = view;
  if (view.names.length === 0) return createAggregator(plan).table();
  const { may, surely } = compileDsl(plan.filter, plan.clock, fields);
  const range = inRange(plan.range, fields);
  const pushed = fields.ours && surely !== NONE ? pushedOf(plan, fields) : undefined;
  let rest = may;
  let aggregator: Aggregator | undefined;
  if (pushed !== undefined) {
    const certain = allOf([surely, not(pushed.doubt)]);
    const groups = await groupsOf({ server, view, ...context }, allOf([range, certain]), pushed.sources);
    if (groups !== undefined) {
      aggregator = createAggregator(plan);
      for (const group of groups) addGroup(aggregator, plan, pushed.sources, group);
      context.report.scanned += groups.reduce((sum, { events }) => sum + events, 0);
      rest = may === certain ? NONE : allOf([may, not(certain)]);
    }
  }
  aggregator ??= createAggregator(plan);
  if (rest !== NONE) await addEvents(server, view, plan, { ...context, query: allOf([range, rest]), aggregator });
  return aggregator.table();
}

async function addEvents(
  server: Server,
  view: View,
  plan: AggregatePlan,
  asked: AggregateContext & { readonly query: Dsl; readonly aggregator: Aggregator },
): Promise<void> {
  const { aggregator, report, signal, query, tell } = asked;
  let read = 0;
  const { filter, range, clock } = plan;
  const plain = { query, filter, range, clock, order: 'newest', isExact: false } as const;
  for await (const records of matching(server, view, plain, report, signal)) {
    for (const record of records) aggregator.add(record);
    read += records.length;
    if (read > WORTH_A_WORD)
      tell('the server cannot compute these statistics by itself: the events are read, which takes longer');
  }
}

/** Adds a group's events: by their number where that is enough, else as so many events with its values. */
function addGroup(aggregator: Aggregator, plan: AggregatePlan, sources: readonly Source[], group: Group): void {
  const record = recordOfGroup(sources, group);
  const isCount = plan.functions.every(({ kind }) => kind === 'count' || kind === 'rate');
  if (isCount) {
    const keys = plan.by.map((key) => compileKey(key, plan.clock)(record)[0] ?? null);
    if (group.events > 0) aggregator.addCounted(keys, group.events);
    return;
  }
  for (let n = 0; n < group.events; n++) aggregator.add(record);
}

const NO_BYTES = new Uint8Array();

function recordOfGroup(sources: readonly Source[], { values }: Group): LogRecord {
  const fields: Fields = {};
  const roles: { [role: string]: string | undefined } = {};
  let ts = 0n;
  for (const [at, source] of sources.entries()) {
    const value = values[at];
    if (value === undefined) continue;
    if (source.kind === 'time') ts = value as bigint;
    else {
      const role = source.field === 'log_id' ? 'log_id' : aliasOf(source.field)?.role;
      if (role === undefined) {
        Object.defineProperty(fields, source.field, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else if (typeof value === 'string') roles[role] = value;
    }
  }
  return {
    raw: NO_BYTES,
    ts,
    tsText: undefined,
    receivedAt: 0n,
    level: (roles['level'] ?? 'UNKNOWN') as Level,
    service: roles['service'],
    message: undefined,
    host: roles['host'],
    trace_id: roles['trace_id'],
    span_id: roles['span_id'],
    log_id: roles['log_id'] ?? '',
    fields,
    format: 'json',
  };
}
