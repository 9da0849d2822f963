import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter } from '../../../src/lib/query/ast.ts';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { printFilter } from '../../../src/lib/query/print.ts';
import { COLUMNS, ROW_FLAGS } from '../../../src/lib/query/sql-columns.ts';
import { compileSql, type Sql } from '../../../src/lib/query/sql.ts';
import { LEVELS } from '../../../src/lib/record/level.ts';
import type { EventContext, LogRecord } from '../../../src/lib/record/record.ts';
import { anyFilter } from './arbitrary-query.ts';
import { hostileEvents } from './hostile-events.ts';
import { CLOCK, event } from './record.ts';

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
  return [...real, ...hostile];
}

/** As a segment's builder sets them. */
function flagsOf({ record, context }: Row): number {
  const raw = Buffer.from(record.raw);
  let flags = raw.every((byte) => byte < 0x80) ? 0 : ROW_FLAGS.NON_ASCII;
  if (raw.includes('\\')) flags |= ROW_FLAGS.BACKSLASH;
  if (raw.includes('\\u') || raw.includes('\\U')) flags |= ROW_FLAGS.UNICODE_ESCAPE;
  if (context.fields !== undefined) flags |= ROW_FLAGS.CONTEXT_FIELDS;
  if (record.format === 'json') flags |= ROW_FLAGS.JSON;
  return flags;
}

let connection: DuckDBConnection;
let rows: Row[];

beforeAll(async () => {
  rows = rowsOf();
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  const { ts, flags, level, service, host, message, line, lineBytes, context } = COLUMNS;
  await connection.run(
    `CREATE TABLE rows (n INTEGER, ${ts} BIGINT, ${flags} INTEGER, ${level} TINYINT, ${service} VARCHAR, ${host} VARCHAR, ${message} VARCHAR, ${line} VARCHAR, ${lineBytes} BLOB, ${context} VARCHAR)`,
  );
  const appender = await connection.createAppender('rows');
  const text = (value: string | undefined): void =>
    value === undefined ? appender.appendNull() : appender.appendVarchar(value);
  for (const [n, row] of rows.entries()) {
    const { record } = row;
    appender.appendInteger(n);
    appender.appendBigInt(record.ts);
    appender.appendInteger(flagsOf(row));
    appender.appendTinyInt(LEVELS[record.level]);
    text(record.service);
    text(record.host);
    text(record.message);
    const decoded = Buffer.from(record.raw).toString();
    const isUtf8 = Buffer.from(decoded).equals(Buffer.from(record.raw));
    text(isUtf8 ? decoded : undefined);
    if (isUtf8) appender.appendNull();
    else appender.appendBlob(record.raw);
    text(JSON.stringify(row.context));
    appender.endRow();
  }
  appender.closeSync();
});

afterAll(() => connection.closeSync());

async function selected(condition: Sql): Promise<Set<number>> {
  const reader = await connection.runAndReadAll(`SELECT n FROM rows WHERE ${condition.text}`, [...condition.params]);
  return new Set(reader.getRows().map(([n]) => Number(n)));
}

/** Rows that SQL leaves out although they match, or takes for sure although they do not. */
async function wrongRows(filter: Filter): Promise<string[]> {
  const { may, surely, exact } = compileSql(filter, CLOCK);
  const matches = compilePredicate(filter, CLOCK);
  const [maySet, surelySet] = [await selected(may), exact ? undefined : await selected(surely)];
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
  it('leaves out nothing that matches and is sure of nothing that does not, over 1,200 queries', async () => {
    for (const filter of fc.sample(anyFilter, { numRuns: 1200 })) {
      const wrong = await wrongRows(filter);
      expect(wrong.slice(0, 3), printFilter(filter)).toEqual([]);
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
