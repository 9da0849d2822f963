import type { LogRecord } from '../record/record.ts';
import { LogsError } from '../errors.ts';
import type { Filter, Query, QueryClock, Stage } from './ast.ts';
import { dedupRecords, dedupTable } from './pipes/dedup.ts';
import { fieldsTable } from './pipes/fields.ts';
import { limitRecords, limitTable } from './pipes/limit.ts';
import { patternsRefusal } from './pipes/patterns.ts';
import type { Pipe } from './pipes/pipe.ts';
import { sortRecords, sortTable } from './pipes/sort.ts';
import { type Statistics, statsTable } from './pipes/stats.ts';
import { topStages } from './pipes/top.ts';
import { whereRecords, whereTable } from './pipes/where.ts';
import type { AggregateTable } from './table.ts';

export type { Statistics } from './pipes/stats.ts';

/** A query taken apart by who runs what. */
export interface SplitQuery {
  /** For the store: the filter and every leading `where`. */
  readonly filter: Filter;
  /** Over its records: `where`, `sort`, `limit`, `dedup`. Where there are some, statistics are computed behind them. */
  readonly records: readonly Stage[];
  /** The first `stats` or `top`. Absent: the result is records. */
  readonly statistics: Statistics | undefined;
  /** Over the table of those. */
  readonly table: readonly Stage[];
  /** The last `fields` over records: what is printed of each. Absent: all. */
  readonly pick: readonly string[] | undefined;
}

/** @throws LogsError QUERY_UNSUPPORTED for `patterns` */
export function splitStages(query: Query): SplitQuery {
  if (query.stages.some((stage) => stage.kind === 'patterns')) throw patternsRefusal();
  const stages = query.stages.flatMap((stage) => (stage.kind === 'top' ? topStages(stage.n, stage.key) : [stage]));
  const leading = stages.findIndex((stage) => stage.kind !== 'where');
  const wheres = stages.slice(0, leading < 0 ? stages.length : leading);
  const rest = stages.slice(wheres.length);
  const statsAt = rest.findIndex((stage) => stage.kind === 'stats');
  const stats = rest[statsAt];
  const before = statsAt < 0 ? rest : rest.slice(0, statsAt);
  return {
    filter: filterOf(query.filter, wheres),
    records: before.filter((stage) => stage.kind !== 'fields'),
    statistics: stats?.kind === 'stats' ? { functions: stats.functions, by: stats.by } : undefined,
    table: statsAt < 0 ? [] : rest.slice(statsAt + 1),
    pick: statsAt < 0 ? before.findLast((stage) => stage.kind === 'fields')?.fields : undefined,
  };
}

function filterOf(filter: Filter, wheres: readonly Stage[]): Filter {
  const filters = wheres.flatMap((stage) => (stage.kind === 'where' ? [stage.filter] : []));
  const all = [filter, ...filters].filter((part) => part.kind !== 'all');
  const [only] = all;
  if (only === undefined) return { kind: 'all' };
  return all.length === 1 ? only : { kind: 'and', filters: all };
}

/**
 * The records that come out of stages, in batches. Stops reading as soon as a `limit` has what it wants.
 * `stages` are those of `SplitQuery.records`.
 */
export async function* runRecordStages(
  stages: readonly Stage[],
  records: AsyncIterable<readonly LogRecord[]>,
  clock: QueryClock,
): AsyncGenerator<readonly LogRecord[]> {
  const pipes = stages.map((stage, index) => pipeOf(stage, stages[index + 1], clock));
  for await (const batch of records) {
    const out = through(pipes, batch);
    if (out.length > 0) yield out;
    if (pipes.some((pipe) => pipe.isDone)) break;
  }
  for (const [index, pipe] of pipes.entries()) {
    const out = through(pipes.slice(index + 1), pipe.end?.() ?? []);
    if (out.length > 0) yield out;
  }
}

function through(pipes: readonly Pipe[], batch: readonly LogRecord[]): readonly LogRecord[] {
  return pipes.reduce((records, pipe) => (records.length === 0 ? records : pipe.take(records)), batch);
}

function pipeOf(stage: Stage, following: Stage | undefined, clock: QueryClock): Pipe {
  switch (stage.kind) {
    case 'where':
      return whereRecords(stage.filter, clock);
    case 'sort':
      return sortRecords(stage.keys, following?.kind === 'limit' ? following.n : undefined);
    case 'limit':
      return limitRecords(stage.n);
    case 'dedup':
      return dedupRecords(stage.fields);
    default:
      throw new LogsError('INTERNAL', `${stage.kind} is no stage over records`);
  }
}

/**
 * A table after the stages behind its statistics (`SplitQuery.table`).
 * @throws LogsError QUERY_SYNTAX for a column that the table has not
 */
export function runTableStages(stages: readonly Stage[], table: AggregateTable, clock: QueryClock): AggregateTable {
  return stages.reduce((result, stage) => runTableStage(stage, result, clock), table);
}

function runTableStage(stage: Stage, table: AggregateTable, clock: QueryClock): AggregateTable {
  switch (stage.kind) {
    case 'where':
      return whereTable(stage.filter, table, clock);
    case 'sort':
      return sortTable(stage.keys, table);
    case 'limit':
      return limitTable(stage.n, table);
    case 'fields':
      return fieldsTable(stage.fields, table);
    case 'dedup':
      return dedupTable(stage.fields, table);
    case 'stats':
      return statsTable(stage, table, clock);
    case 'top':
      return runTableStages(topStages(stage.n, stage.key), table, clock);
    case 'patterns':
      throw patternsRefusal();
  }
}
