import { hideSecrets } from '../lib/config/remote-url.ts';
import type { Filter, Query } from '../lib/query/ast.ts';
import { printQuery } from '../lib/query/print.ts';
import { compileSql, type Sql } from '../lib/query/sql.ts';
import { splitStages } from '../lib/query/stages.ts';
import { escapeToLine } from '../lib/render/escape.ts';
import { formatTime } from '../lib/record/time.ts';
import { openReaderAt } from '../lib/wire/readers.ts';
import type { ReadRequest } from './request.ts';

/**
 * What a query would do: one document for `--json`, the same as lines for a person. No events are read; indices are asked
 * for their mappings, which decide what they can be asked.
 */
export async function explain(
  query: Query,
  request: ReadRequest,
  store: string,
): Promise<{ document: object; text: string }> {
  const { filter, records, statistics, table } = splitStages(query);
  const { from, to } = request.range;
  const how = await conditions(filter, request);
  const steps = [
    request.from !== undefined
      ? `ask ${hideSecrets(request.from.url)}`
      : request.files.length > 0
        ? `read ${request.files.join(' ')}, without a store`
        : `read the store ${store}`,
    `keep events ${from === undefined ? 'of any time' : `from ${formatTime(from, request.clock.zone)}`}${to === undefined ? '' : ` to ${formatTime(to, request.clock.zone)}`}`,
    how.dsl === undefined
      ? 'keep events that "surely" takes; check those that only "may" takes one by one'
      : 'check here what the indices cannot answer exactly',
    ...(records.length > 0 ? ['apply the stages before statistics to the records'] : []),
    ...(statistics === undefined ? [] : ['compute the statistics']),
    ...(table.length > 0 ? ['apply the stages after statistics to the table'] : []),
  ];
  const pipe = printQuery(query);
  const document = {
    query: pipe,
    zone: request.clock.zone,
    ...how,
    plan: steps,
  };
  const lines = [
    `query   ${pipe}`,
    `zone    ${request.clock.zone}`,
    ...(how.sql === undefined ? [] : [`may     ${how.sql.may}`, `surely  ${how.sql.surely}`]),
    ...(how.dsl === undefined
      ? []
      : how.dsl.split('\n').map((line, at) => `${at === 0 ? 'dsl     ' : '        '}${line}`)),
    ...steps.map((step, index) => `${index === 0 ? 'plan    ' : '        '}${index + 1}. ${step}`),
  ];
  return { document, text: `${lines.map(escapeToLine).join('\n')}\n` };
}

/** The filter as what is asked understands it: SQL, or the query DSL of indices. */
async function conditions(
  filter: Filter,
  { clock, from }: ReadRequest,
): Promise<{ readonly sql?: { readonly may: string; readonly surely: string }; readonly dsl?: string }> {
  const reader =
    from === undefined ? undefined : await openReaderAt(from.url, { strict: false, tell: () => undefined });
  try {
    if (reader?.explain !== undefined) return { dsl: await reader.explain(filter, clock) };
  } finally {
    await reader?.close();
  }
  const { may, surely } = compileSql(filter, clock);
  return { sql: { may: written(may), surely: written(surely) } };
}

/** SQL with its parameters in their places, to be read and not run. */
function written(sql: Sql): string {
  let next = 0;
  return sql.text.replace(/\?/g, () => {
    const param = sql.params[next++];
    return typeof param === 'string' ? `'${param.replaceAll("'", "''")}'` : String(param);
  });
}
