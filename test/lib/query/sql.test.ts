import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BIGINT, DOUBLE, DuckDBInstance, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedRow } from '../../../src/lib/adapters/embedded/scan/stored-row.ts';
import type { Filter } from '../../../src/lib/query/ast.ts';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import type { KeyColumn, SegmentTable } from '../../../src/lib/query/key-columns.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { printFilter } from '../../../src/lib/query/print.ts';
import { ROW_FLAGS } from '../../../src/lib/query/sql-columns.ts';
import { compileSql, type Sql } from '../../../src/lib/query/sql.ts';
import type { EventContext, LogRecord } from '../../../src/lib/record/record.ts';
import {
  appendRow,
  hexColumns,
  markedColumns,
  mayBeObject,
  namesTexts,
  opaqueColumns,
  punched,
  type PunchedRow,
  tableSql,
} from '../adapters/embedded/read/build-segment.ts';
import { anyFilter } from './arbitrary-query.ts';
import { hostileEvents } from './hostile-events.ts';
import { CLOCK, event } from './record.ts';
import { countOfQueries, sampled, SEED } from './sampled.ts';

const QUERIES = countOfQueries(600);
const TIMEOUT_MS = 60_000 + QUERIES * 200;
const DATA = process.env.LOGS_TEST_DATA ?? '../shared/data';

interface Row {
  readonly record: LogRecord;
  readonly context: EventContext;
}

/** Lines of real logs: evenly taken, so that all kinds are there. */
function realLines(): string[] {
  const take = (text: string, step: number): string[] =>
    text.split('\n').filter((line, index) => line !== '' && index % step === 0);
  const lines: string[] = [];
  const nezha = join(DATA, 'nezha/nezha-20mb.ndjson.gz');
  if (existsSync(nezha)) lines.push(...take(gunzipSync(readFileSync(nezha)).toString(), 400));
  for (const name of ['access/apache_logs', 'access/auth.log', 'access/nginxplus_json_logs']) {
    if (existsSync(join(DATA, name))) lines.push(...take(readFileSync(join(DATA, name), 'utf8'), 250).slice(0, 60));
  }
  return lines;
}

function rowsOf(): Row[] {
  const real = realLines().map((line): Row => ({ record: event(line), context: {} }));
  const hostile = hostileEvents(400, 7).map(({ bytes, context }) => ({ record: event(bytes, context), context }));
  return [...real, ...hostile, ...timedRows(real)];
}

const TIMES = [
  '18:05:37.558 ',
  '18:05:37.559 ',
  '2022-08-22 18:05:37,558 ',
  '[2022/08/22 18:05:37] ',
  '2022-08-22T18:05:37.558001Z: ',
  '18:05:37',
];

/** The same messages, and short ones, behind times that a program wrote. */
function timedRows(rows: readonly Row[]): Row[] {
  const messages = [
    ...rows.flatMap(({ record }) => record.message ?? []),
    '',
    '.558 error',
    'Timeout after 18:05:37.558',
    'x',
  ];
  return messages
    .filter((_, at) => at % 4 === 0 || at > messages.length - 5)
    .map((message, at): Row => {
      const line = JSON.stringify({
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        message: `${TIMES[at % TIMES.length]}${message}`,
      });
      return { record: event(line), context: {} };
    });
}

/** Keys that have columns, in each of the tables: none, texts, whole numbers among them; what is taken out of messages. */
const TABLES: readonly { readonly keys: readonly string[]; readonly takes: 'nothing' | 'all' | 'hex' }[] = [
  { keys: [], takes: 'nothing' },
  { keys: ['status', 'pod', 'n', 'constructor'], takes: 'all' },
  { keys: ['a', 'user', 'clientip', 'bytes', 'tags', 'Größe'], takes: 'all' },
  { keys: ['status', 'a', 'user'], takes: 'hex' },
  { keys: ['path', 'bytes', 'client_ip', 'user_agent', 'referrer'], takes: 'all' },
];

let connection: DuckDBConnection;
let rows: Row[];
const tables: SegmentTable[] = [];
/** Messages that values were taken out of, whole, and one of those values. */
const taken: { readonly at: number; readonly text: string; readonly value: string }[] = [];

beforeAll(async () => {
  rows = rowsOf();
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const table of TABLES) await makeTable(table);
});

/** As a segment's builder makes its rows; in some tables values are taken out of messages. */
async function makeTable({ keys, takes }: (typeof TABLES)[number]): Promise<void> {
  const stored = rows
    .map(({ record, context }) => storedRow(Buffer.from(record.raw), context, record.receivedAt, keys))
    .map((row): PunchedRow => (takes === 'nothing' ? row : punched(row, takes)));
  const columns = keys.map((key, at): KeyColumn => {
    const values = stored.flatMap((row) => row.values[at + 4] ?? []);
    return { key, type: values.every((value) => /^(?:0|-?[1-9]\d{0,14})$/.test(value)) ? 'int' : 'text' };
  });
  const flags = stored.reduce((all, row) => all | row.flags, 0);
  tables.push({
    columns,
    flags,
    opaque: opaqueColumns(stored, keys),
    marked: markedColumns(stored),
    hex: hexColumns(stored),
    namesTexts: stored.some(namesTexts),
    objects: stored.some(mayBeObject),
  });
  const at = tables.length - 1;
  for (const [n, { message = '', flags: own, values, messageTime }] of stored.entries()) {
    if ((own & ROW_FLAGS.MARKS) === 0) continue;
    const text = rows[n]?.record.message ?? '';
    if (messageTime !== undefined) taken.push({ at, text, value: messageTime });
    for (const [number, value = ''] of values.entries())
      if (message.includes(`\u0006${String.fromCharCode(0x20 + number)}`)) taken.push({ at, text, value });
  }
  const name = `rows${at}`;
  await connection.run(tableSql(name, columns, false, 'n INTEGER, '));
  const appender = await connection.createAppender(name);
  for (const [n, row] of stored.entries()) {
    appender.appendInteger(n);
    appendRow(
      appender,
      row,
      { bytes: Buffer.from(rows[n]?.record.raw ?? []), context: rows[n]?.context ?? {} },
      columns,
    );
    appender.endRow();
  }
  appender.closeSync();
}

afterAll(() => connection.closeSync());

async function selected(condition: Sql, at = 0): Promise<Set<number>> {
  const types = condition.params.map((param) =>
    typeof param === 'bigint' ? BIGINT : typeof param === 'string' ? VARCHAR : DOUBLE,
  );
  const reader = await connection.runAndReadAll(
    `SELECT n FROM rows${at} WHERE ${condition.text}`,
    [...condition.params],
    types,
  );
  return new Set(reader.getRows().map(([n]) => Number(n)));
}

/** Rows that SQL leaves out although they match, or takes for sure although they do not. */
async function wrongRows(filter: Filter, at = 0): Promise<string[]> {
  const { may, surely, exact } = compileSql(filter, CLOCK, tables[at]);
  const matches = compilePredicate(filter, CLOCK);
  const [maySet, surelySet] = [await selected(may, at), exact ? undefined : await selected(surely, at)];
  const wrong: string[] = [];
  for (const [n, { record, context }] of rows.entries()) {
    const hit = matches(record);
    if ((hit && !maySet.has(n)) || (!hit && (surelySet ?? maySet).has(n))) {
      wrong.push(`${hit ? 'missed' : 'taken'}: ${Buffer.from(record.raw).toString()} ${JSON.stringify(context)}`);
    }
  }
  return wrong;
}

describe('compileSql', () => {
  it(`leaves out nothing that matches and is sure of nothing that does not, over ${QUERIES} queries of seed ${SEED}`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    for (const [turn, filter] of sampled(anyFilter, QUERIES).entries()) {
      const at = turn % TABLES.length;
      const wrong = await wrongRows(filter, at);
      expect(wrong.slice(0, 3), `${printFilter(filter)} on ${JSON.stringify(tables[at])}`).toEqual([]);
    }
  });

  it('finds texts that go into a value taken out of a message, come out of it, or both', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const step = Math.ceil(taken.length / 60);
    const some = taken.filter((_, n) => n % step === 0);
    expect(some.length).toBeGreaterThan(50);
    for (const [n, { at, text, value }] of some.entries()) {
      const from = text.indexOf(value);
      const to = from + value.length;
      for (const [start, end] of [
        [from - 4, from + 2],
        [to - 3, to + 2],
        [from - 3, to + 3],
        [from + 1, from + 4],
        [from - 5, to + 40],
        [from, to],
        [from + 3, to + 25],
      ] as const) {
        const part = text.slice(Math.max(0, start), end);
        const typed = n % 2 === 0 ? part : part.toUpperCase();
        const pattern = `*${typed.replaceAll(/[*?\\]/g, String.raw`\$&`)}*`;
        for (const value of [{ kind: 'wildcard', pattern } as const, { kind: 'phrase', text: typed } as const]) {
          const filter: Filter = { kind: 'match', value };
          expect(await wrongRows(filter, at), JSON.stringify(value)).toEqual([]);
        }
      }
    }
  });

  it.each(['^ ', '^] ', '^: ', '# [', '" S', '%'])('takes no mark for the text %j', async (text) => {
    for (const at of TABLES.keys()) {
      const filter: Filter = { kind: 'match', value: { kind: 'wildcard', pattern: `*${text}*` } };
      expect(await wrongRows(filter, at)).toEqual([]);
    }
  });

  it.each(['app:frontend', 'NOT app:frontend', 'hostname:error', 'app:STRASSE'])(
    'knows of %s what a source has beside its lines',
    async (text) => {
      const filter = parseFilter(text);
      expect(rows.some(({ record }) => compilePredicate(filter, CLOCK)(record))).toBe(true);
      expect(await wrongRows(filter)).toEqual([]);
    },
  );

  it.each([
    'level:ERROR',
    '-level:ERROR service:frontend',
    'level>=WARN OR host:*',
    '@timestamp>2022-08-22',
    'message:*',
    '*',
    'NOT *',
  ])('is exact for %s', async (text) => {
    const filter = parseFilter(text);
    expect(compileSql(filter, CLOCK).exact).toBe(true);
    expect(await wrongRows(filter)).toEqual([]);
  });

  it.each(['*G\u0000', 'NOT \u0000st*', 'message:*\u0000or'])('takes the NUL of %j for itself', async (text) => {
    expect(await wrongRows(parseFilter(text))).toEqual([]);
  });

  it('prunes: few rows may hold a rare word, and no level but the one asked for', async () => {
    const may = await selected(compileSql(parseFilter('zyxwvu'), CLOCK).may);
    expect(may.size).toBeLessThan(rows.length / 2);
    const { surely } = compileSql(parseFilter('started'), CLOCK);
    expect((await selected(surely)).size).toBeGreaterThan(0);
  });

  it('binds what was typed and never splices it in', () => {
    const { may } = compileSql(parseFilter(`service:"a' OR 1=1 --" "x'y"`), CLOCK);
    expect(may.text).not.toContain("'a");
    expect(may.params).toContain("a' OR 1=1 --");
  });
});
