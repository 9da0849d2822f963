import { LogsError } from '../lib/errors.ts';
import { aggregate } from '../lib/app/aggregate.ts';
import { newTally } from '../lib/app/search.ts';
import type { Query } from '../lib/query/ast.ts';
import { columnOfFunction, columnOfKey } from '../lib/query/columns.ts';
import { splitStages } from '../lib/query/stages.ts';
import type { AggregateTable } from '../lib/store/store.ts';
import type { ChartShape } from '../lib/render/table-chart.ts';
import { renderTable } from '../lib/render/table-outputs.ts';
import type { OpenedReader } from '../lib/wire/readers.ts';
import { tellAbsent, tellNothing } from './absence-talk.ts';
import { openDestination } from './destination.ts';
import { openReader, refusePartial, tellDamage } from './reading.ts';
import type { ReadRequest } from './request.ts';

/** The flags of a command whose answer is a table. */
export interface TableFlags {
  readonly store: string;
  /** What is asked, where it is open already, in place of the store. */
  readonly reader?: OpenedReader;
  readonly json: boolean;
  readonly color: string;
  readonly output?: string | undefined;
  readonly out?: string | undefined;
  readonly 'allow-partial': boolean;
}

/** Computes the table of a query with statistics and writes it; exit code 1 where no event matched. */
export async function runTable(request: ReadRequest, flags: TableFlags, signal: AbortSignal): Promise<0 | 1> {
  if (flags.output === 'raw') throw noBytes();
  const reader = await openReader(request, flags);
  const { report } = newTally();
  try {
    const destination = await openDestination(flags, request.clock);
    const { format } = destination;
    if (format === 'raw') throw noBytes();
    const { query, shape } =
      format === 'pretty' ? drawable(request.query) : { query: request.query, shape: shapeOf(request.query) };
    const options = { query, clock: request.clock, range: request.range };
    const { table, matched } = await aggregate(reader.store, options, report, signal);
    try {
      for await (const piece of renderTable(format, table, shape, destination.style)) await destination.write(piece);
    } finally {
      await destination.close();
    }
    tellDamage(report, reader.kind);
    const nothing = table.rows.length === 0 || !matched;
    if (nothing) await tellNothing(reader, request, report, signal);
    else await tellAbsent(emptyFields(request.query, table), reader, request, signal);
    refusePartial(report, reader.folder, flags);
    return nothing ? 1 : 0;
  } finally {
    await reader.close();
  }
}

function noBytes(): LogsError {
  return new LogsError('USAGE', '-o raw gives the bytes of events, and statistics have none', {
    hint: 'use -o json, csv or table',
  });
}

/** The fields grouped by or computed over that no event of the answer has. */
function emptyFields(query: Query, table: AggregateTable): string[] {
  const { by = [], functions = [] } = splitStages(query).statistics ?? {};
  const asked = [
    ...by.map((key) => ({ name: columnOfKey(key), field: key.kind === 'field' ? key.field : undefined })),
    ...functions.map((each) => ({ name: columnOfFunction(each), field: 'field' in each ? each.field : undefined })),
  ];
  const fields = asked.flatMap(({ name, field }) => {
    const column = table.columns.indexOf(name);
    const isEmpty = column >= 0 && table.rows.every((row) => row[column] === null);
    return field !== undefined && isEmpty ? [field] : [];
  });
  return [...new Set(fields)];
}

/** A histogram of plain counts is coloured by level: one more key, which the drawing takes back together. */
function drawable(query: Query): { query: Query; shape: ChartShape } {
  const shape = shapeOf(query);
  const last = query.stages.at(-1);
  const only = last?.kind === 'stats' && last.functions.length === 1 && last.functions[0]?.kind === 'count';
  if (!only || last.by.length !== 1 || shape.interval === undefined) return { query, shape };
  const coloured = { ...last, by: [...last.by, { kind: 'field', field: 'level' } as const] };
  return {
    query: { ...query, stages: [...query.stages.slice(0, -1), coloured] },
    shape: { ...shape, keys: 2, levelsAdded: true },
  };
}

/** What the columns of the answer mean; stages that reorder or choose columns take their meaning as time away. */
function shapeOf(query: Query): ChartShape {
  const index = query.stages.findIndex((stage) => stage.kind === 'stats' || stage.kind === 'top');
  const stage = query.stages[index];
  const after = query.stages.slice(index + 1);
  if (stage?.kind === 'top') return { keys: after.some((each) => each.kind === 'fields') ? 0 : 1, levelsAdded: false };
  if (stage?.kind !== 'stats' || after.some((each) => each.kind === 'fields')) return { keys: 0, levelsAdded: false };
  const first = stage.by[0];
  const interval = first?.kind === 'every' && after.length === 0 ? first.interval : undefined;
  return { keys: stage.by.length, interval, levelsAdded: false };
}
