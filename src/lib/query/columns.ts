import type { GroupKey, StatFunction } from './ast.ts';

/** The name of a statistic in results: `count`, `rate`, `sum_f`, `p95_f`, `distinct_f`, … */
export function columnOfFunction(statistic: StatFunction): string {
  switch (statistic.kind) {
    case 'count':
    case 'rate':
      return statistic.kind;
    case 'percentile':
      return `p${statistic.p}_${statistic.field}`;
    default:
      return `${statistic.kind}_${statistic.field}`;
  }
}

/** The name of a group key in results: the field's own, `@timestamp` for buckets of time. */
export function columnOfKey(key: GroupKey): string {
  return key.kind === 'every' ? '@timestamp' : key.field;
}
