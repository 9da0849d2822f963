import { aliasOf, ROLE_NAMES } from '../record/aliases.ts';
import type { Filter, GroupKey, Stage, StatFunction } from './ast.ts';
import { columnOfFunction, columnOfKey } from './columns.ts';

/** The columns of the table behind a stage; undefined as long as there are events. */
export function columnsBehind(stage: Stage, before: readonly string[] | undefined): readonly string[] | undefined {
  switch (stage.kind) {
    case 'stats':
      return [...stage.by.map(columnOfKey), ...stage.functions.map(columnOfFunction)];
    case 'top':
      return [columnOfKey(stage.key), 'count'];
    case 'fields':
      return before === undefined ? undefined : stage.fields;
    default:
      return before;
  }
}

/** The first name in a stage that is no column of the table before it. */
export function missingColumn(stage: Stage, columns: readonly string[]): string | undefined {
  const has = (name: string): boolean => {
    const role = aliasOf(name)?.role;
    return columns.includes(name) || (role !== undefined && columns.includes(ROLE_NAMES[role]));
  };
  switch (stage.kind) {
    case 'sort':
      return stage.keys.map(({ field }) => field).find((field) => !columns.includes(field));
    case 'fields':
    case 'dedup':
      return stage.fields.find((field) => !columns.includes(field));
    case 'where':
      return fieldsOfFilter(stage.filter).find((field) => !has(field));
    case 'stats':
      return [...stage.by.flatMap(fieldsOfKey), ...stage.functions.flatMap(fieldsOfFunction)].find(
        (name) => !has(name),
      );
    case 'top':
      return fieldsOfKey(stage.key).find((field) => !has(field));
    default:
      return undefined;
  }
}

function fieldsOfFilter(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(fieldsOfFilter);
    case 'not':
      return fieldsOfFilter(filter.filter);
    case 'match':
      return filter.field === undefined || filter.field === '*' ? [] : [filter.field];
    case 'compare':
      return [filter.field];
    case 'all':
      return [];
  }
}

function fieldsOfKey(key: GroupKey): readonly string[] {
  return key.kind === 'every' ? ['@timestamp'] : [key.field];
}

function fieldsOfFunction(statistic: StatFunction): readonly string[] {
  return statistic.kind === 'count' || statistic.kind === 'rate' ? [] : [statistic.field];
}
