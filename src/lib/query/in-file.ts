import { LogsError } from '../errors.ts';
import type { Filter, Query, Stage, Value } from './ast.ts';
import { fieldKind } from './field-kind.ts';
import { plainScalar } from './parse-scalar.ts';
import { isTime } from './time-range.ts';

/**
 * The query with every `in(@file)` replaced by the values in that file, one a line, blank lines left out. Only the
 * command line may call this: `read` opens files of the machine it runs on.
 */
export async function resolveLists(query: Query, read: (path: string) => Promise<string>): Promise<Query> {
  const filter = await resolveFilter(query.filter, read);
  const stages: Stage[] = [];
  for (const stage of query.stages) {
    stages.push(stage.kind === 'where' ? { ...stage, filter: await resolveFilter(stage.filter, read) } : stage);
  }
  return { filter, stages };
}

async function resolveFilter(filter: Filter, read: (path: string) => Promise<string>): Promise<Filter> {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const filters: Filter[] = [];
      for (const part of filter.filters) filters.push(await resolveFilter(part, read));
      return { kind: filter.kind, filters };
    }
    case 'not':
      return { kind: 'not', filter: await resolveFilter(filter.filter, read) };
    case 'match':
      return filter.value.kind === 'in-file'
        ? { ...filter, value: await readList(filter.value.path, filter.field ?? '', read) }
        : filter;
    default:
      return filter;
  }
}

async function readList(path: string, field: string, read: (path: string) => Promise<string>): Promise<Value> {
  const all = (await read(path)).split(/\r?\n/);
  const lines = all.filter((line) => line.trim() !== '');
  const wrong = fieldKind(field) === 'time' ? lines.find((line) => !isTime(line)) : undefined;
  if (wrong !== undefined) {
    throw new LogsError('TIME_SYNTAX', `${field} is a time, and ${JSON.stringify(wrong)} is none`, {
      at: { file: path, line: all.indexOf(wrong) + 1 },
      hint: 'write one time a line, such as 2026-01-31T14:05',
    });
  }
  if (lines.length === 0) throw new LogsError('USAGE', `${path} holds no values`, { hint: 'write one value a line' });
  return { kind: 'in', values: lines.map(plainScalar) };
}
