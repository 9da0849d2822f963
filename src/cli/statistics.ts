import * as Flags from '@oclif/core/flags';
import { LogsError } from '../lib/errors.ts';
import type { GroupKey, Query, Stage, StatFunction } from '../lib/query/ast.ts';
import { parseQuery } from '../lib/query/parse.ts';
import { parseDuration } from '../lib/query/time-range.ts';

function overField(what: string) {
  return Flags.string({
    multiple: true,
    delimiter: ',',
    helpValue: 'FIELD',
    summary: `${what} of a field`,
    helpGroup: 'STATISTICS',
  });
}

/** Sugar of `agg`: flags that build the same stages as the pipe form does. */
export const statisticsFlags = {
  by: Flags.string({
    multiple: true,
    helpValue: 'FIELDS',
    summary: 'one row for each value: level; level,service; bucket(latency_ms,100)',
    helpGroup: 'STATISTICS',
  }),
  every: Flags.string({
    helpValue: 'DURATION',
    summary: 'one row for each stretch of time: 1m, 1h, 1d',
    helpGroup: 'STATISTICS',
  }),
  top: Flags.string({
    helpValue: 'N FIELD',
    summary: 'the N largest groups of a field: --top 10 path',
    helpGroup: 'STATISTICS',
  }),
  count: Flags.boolean({ char: 'c', summary: 'count events, also beside other statistics', helpGroup: 'STATISTICS' }),
  sum: overField('sum'),
  avg: overField('mean'),
  min: overField('least value'),
  max: overField('largest value'),
  p50: overField('median'),
  p90: overField('90th percentile'),
  p95: overField('95th percentile'),
  p99: overField('99th percentile'),
  distinct: overField('number of different values'),
  rate: Flags.boolean({ summary: 'events per second', helpGroup: 'STATISTICS' }),
};

type Named = 'sum' | 'avg' | 'min' | 'max' | 'p50' | 'p90' | 'p95' | 'p99' | 'distinct';
const NAMED: readonly Named[] = ['sum', 'avg', 'min', 'max', 'p50', 'p90', 'p95', 'p99', 'distinct'];

export type StatisticsValues = {
  readonly [name in Named]?: readonly string[] | undefined;
} & {
  readonly by?: readonly string[] | undefined;
  readonly every?: string | undefined;
  readonly top?: string | undefined;
  readonly count?: boolean | undefined;
  readonly rate?: boolean | undefined;
};

/**
 * The query with the stages that the flags mean added to its own; `count()` where neither says what to compute.
 * Throws USAGE where both do.
 */
export function withStatistics(query: Query, flags: StatisticsValues): Query {
  const functions = functionsOf(flags);
  const by = keysOf(flags);
  const own = query.stages.find((stage) => stage.kind === 'stats' || stage.kind === 'top' || stage.kind === 'patterns');
  const asked = functions.length > 0 || by.length > 0 || flags.top !== undefined;
  if (own !== undefined) {
    if (!asked) return query;
    throw new LogsError('USAGE', `the query already has "| ${own.kind}": flags cannot add statistics to it`, {
      hint: 'write them all in the query, or all as flags',
    });
  }
  if (flags.top !== undefined) return { ...query, stages: [...query.stages, ...topStages(flags.top, functions, by)] };
  const counted: readonly StatFunction[] = functions.length === 0 ? [{ kind: 'count' }] : functions;
  return { ...query, stages: [...query.stages, { kind: 'stats', functions: counted, by }] };
}

function functionsOf(flags: StatisticsValues): StatFunction[] {
  const functions: StatFunction[] = flags.count ? [{ kind: 'count' }] : [];
  for (const name of NAMED) for (const field of flags[name] ?? []) functions.push(statistic(name, field));
  if (flags.rate) functions.push({ kind: 'rate' });
  return functions;
}

function statistic(name: Named, field: string): StatFunction {
  switch (name) {
    case 'p50':
    case 'p90':
    case 'p95':
    case 'p99':
      return { kind: 'percentile', p: Number(name.slice(1)), field };
    default:
      return { kind: name, field };
  }
}

function keysOf(flags: StatisticsValues): GroupKey[] {
  const every: GroupKey[] = flags.every === undefined ? [] : [{ kind: 'every', interval: interval(flags.every) }];
  return [...every, ...(flags.by ?? []).flatMap(groupKeys)];
}

function interval(text: string): bigint {
  const duration = parseDuration(text);
  if (duration <= 0n) throw new LogsError('TIME_SYNTAX', '--every 0 is no stretch of time', { hint: '--every 1m' });
  return duration;
}

/** `level,service`: fields as they are; with brackets, keys as the query language has them. */
function groupKeys(text: string): readonly GroupKey[] {
  if (!/[()"]/.test(text)) {
    const fields = text.split(',').map((field) => field.trim());
    if (fields.includes(''))
      throw new LogsError('USAGE', `--by ${JSON.stringify(text)} has an empty name`, { hint: '--by level,service' });
    return fields.map((field) => ({ kind: 'field', field }));
  }
  const stage = parseQuery(`* | stats count() by ${text}`).stages[0];
  return stage?.kind === 'stats' ? stage.by : [];
}

function topStages(text: string, functions: readonly StatFunction[], by: readonly GroupKey[]): Stage[] {
  const [, count, field] = /^(?:(\d+) )?(.+)$/s.exec(text) ?? [];
  const n = Number(count ?? 10);
  if (field === undefined || n < 1)
    throw new LogsError('USAGE', `--top ${text} is no number and field`, { hint: '--top 10 path' });
  if (functions.some((each) => each.kind !== 'count') || by.length > 0) {
    throw new LogsError('USAGE', '--top counts the groups of one field: it does not go with other statistics', {
      hint: `in the query: | stats avg(latency_ms) by ${field} | sort -avg_latency_ms | limit ${n}`,
    });
  }
  return [{ kind: 'top', n, key: groupKeys(field)[0] ?? { kind: 'field', field } }];
}
