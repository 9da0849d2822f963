import type { Query } from '../lib/query/ast.ts';
import { printQuery } from '../lib/query/print.ts';
import { compileSql, type Sql } from '../lib/query/sql.ts';
import { splitStages } from '../lib/query/stages.ts';
import { escapeToLine } from '../lib/render/escape.ts';
import { formatTime } from '../lib/record/time.ts';
import type { ReadRequest } from './request.ts';

/** What a query would do: one document for `--json`, the same as lines for a person. Nothing is read. */
export function explain(query: Query, request: ReadRequest, store: string): { document: object; text: string } {
  const { filter, records, statistics, table } = splitStages(query);
  const { may, surely } = compileSql(filter, request.clock);
  const { from, to } = request.range;
  const steps = [
    request.files.length > 0 ? `read ${request.files.join(' ')}, without a store` : `read the store ${store}`,
    `keep events ${from === undefined ? 'of any time' : `from ${formatTime(from, request.clock.zone)}`}${to === undefined ? '' : ` to ${formatTime(to, request.clock.zone)}`}`,
    'keep events that "surely" takes; check those that only "may" takes one by one',
    ...(records.length > 0 ? ['apply the stages before statistics to the records'] : []),
    ...(statistics === undefined ? [] : ['compute the statistics']),
    ...(table.length > 0 ? ['apply the stages after statistics to the table'] : []),
  ];
  const pipe = printQuery(query);
  const document = {
    query: pipe,
    zone: request.clock.zone,
    sql: { may: written(may), surely: written(surely) },
    plan: steps,
  };
  const lines = [
    `query   ${pipe}`,
    `zone    ${request.clock.zone}`,
    `may     ${written(may)}`,
    `surely  ${written(surely)}`,
    ...steps.map((step, index) => `${index === 0 ? 'plan    ' : '        '}${index + 1}. ${step}`),
  ];
  return { document, text: `${lines.map(escapeToLine).join('\n')}\n` };
}

/** SQL with its parameters in their places, to be read and not run. */
function written(sql: Sql): string {
  let next = 0;
  return sql.text.replace(/\?/g, () => {
    const param = sql.params[next++];
    return typeof param === 'string' ? `'${param.replaceAll("'", "''")}'` : String(param);
  });
}
