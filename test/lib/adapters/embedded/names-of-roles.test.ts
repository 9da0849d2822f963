import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { SegmentTables } from '../../../../src/lib/adapters/embedded/read/segment-tables.ts';
import { withLiterals } from '../../../../src/lib/adapters/embedded/segment/sql-literals.ts';
import { parquetPath } from '../../../../src/lib/adapters/embedded/segment/segment.ts';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import { compileSql } from '../../../../src/lib/query/sql.ts';
import { SealedStore } from './compact/sealed-store.ts';
import { expectAnswers } from './expect-answers.ts';

const clock = { now: 0n, zone: 'UTC' };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The message alone has the name: written by pino, Docker, in logfmt. */
const ALONE = [
  (n: number) => `{"level":30,"time":${1767225600000 + n},"pid":7,"msg":"request ${n % 4} timeout"}`,
  (n: number) =>
    `{"trace_id": "${TRACE}", "time":"2026-01-01T00:00:${10 + n}Z", "msg": "said \\"timeout\\" msg: ${n}"}`,
  (n: number) =>
    `{"log":"{\\"msg\\":\\"inner timeout ${n % 4}\\",\\"level\\":\\"info\\"}\\n","time":"2026-01-01T00:00:${10 + n}Z"}`,
  (n: number) =>
    `{"time":"2026-01-01T00:00:${10 + n}Z","msg":"{\\"severity\\":\\"info\\",\\"message\\":\\"plain ${n % 4}\\"}"}`,
  (n: number) =>
    `{"time":"2026-01-01T00:00:${10 + n}Z","msg":"{\\"trace_id\\":\\"${TRACE}\\",\\"message\\":\\"traced ${n % 4}\\"}"}`,
  (n: number) => `time=2026-01-01T00:00:${10 + n}Z level=info msg="request ${n % 4} timeout" a=b`,
];

/** A field has it beside the message, or seems to. */
const BESIDE = [
  '{"message":"request 1","msg":"own timeout 1"}',
  '{"msg":"own timeout 2","message":"request 2"}',
  `{"trace_id":"${TRACE}","message":"request 2","msg":"own timeout 2"}`,
  `{"trace_id":"${TRACE}","msg":"own timeout 2", "message":"request 2"}`,
  '{"msg":"{\\"message\\":\\"a\\",\\"msg\\":\\"own b\\"}"}',
  '{"msg":"{\\"a\\":\\"own c\\"}"}',
  `{"msg":"${TRACE}","trace_id":"${TRACE}","message":"own trace"}`,
  '{"x":{"msg":"own d"},"msg":"request"}',
  '{"message":"x","msg":37.5}',
  '{"message":"x","msg":["own e",{"a":"own f"}]}',
  '{"message":"x","\\u006dsg":"own g"}',
  '{"message":"x","msg":"\\u006fwn g"}',
  '{"message":"x","MSG":"own h"}',
  '{"message":"x","Msg":"OWN h"}',
  '{"message":"x","msg":"y","msg":"own i"}',
  '{"msg":"y","msg":"own i"}',
  '{"msg":{"text":"own i","message":"own j"}}',
  '{"msg":null,"message":"own k"}',
  '{"message":"{\\"msg\\":\\"own k\\"}"}',
  '{"error":{"message":"own timeout"},"msg":"failed","stack":"own stack"}',
  '{"fields":{"message":"own l","msg":"own m"},"msg":"z"}',
  '{"log":{"level":"info","msg":"own n"},"text":"own o","body":"own p"}',
  'level=info msg=own message="x y"',
  'level=info message="x y" msg="own q"',
  'level=info msg="x y" msg="own r"',
  'level=info amsg=own msg=short body="own s"',
  '2026-01-04 18:05:10 INFO own msg="x" timeout',
  '<34>1 2026-01-04T18:05:10Z host app 1 ID [x@1 msg="own t"] text msg: timeout',
  '{"level":"info","severity":"ERROR","msg":"x"}',
  '{"severity":"own u","level":"warn","msg":"x"}',
  '{"severity":"error","msg":"x"}',
  '{"time":"2026-01-01T00:00:10Z","ts":"2026-01-03T00:00:00Z","msg":"x"}',
];

const NAMES = ['msg', 'message', 'log', 'body', 'text', 'MSG', 'fields.message', 'error.message', 'stack', '@m'];
const VALUES = [
  'own',
  'timeout',
  '"own b"',
  '"request 1"',
  '*own?b*',
  '*wn*',
  '/own [a-t]/',
  '/^{/',
  '*',
  'x',
  '37.5',
  '""',
];
const OTHER_ROLES = [
  ...['ERROR', 'error', 'own', '"own u"', '*', '*own*'].map((value) => `severity:${value}`),
  'severity:="own u"',
  'severity>=WARN',
  'lvl:error',
  'ts:2026-01-03',
  'ts:*',
  'ts>2026-01-02',
  'time<2026-01-01T00:00:12Z',
].flatMap((query) => [query, `NOT ${query}`]);
const OF_MESSAGES = NAMES.flatMap((name) => [
  ...VALUES.flatMap((value) => [`${name}:${value}`, `NOT ${name}:${value}`]),
  `${name}:="own timeout 2"`,
  `${name}:=request`,
]);

it('finds what is under a name of the message or of another role, and what fields beside them have', async () => {
  const lines = [...ALONE.flatMap((line) => Array.from({ length: 10 }, (_, n) => line(n))), ...BESIDE];
  const store = new SealedStore();
  await store.add(lines);
  await expectAnswers(store, lines, [...OF_MESSAGES, ...OTHER_ROLES]);
}, 180_000);

it('reads no event to tell whether a field has the name, where the message alone has it', async () => {
  const store = new SealedStore();
  for (const line of ALONE) await store.add(Array.from({ length: 10 }, (_, n) => line(n)));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const { segments } = await store.fold();
  const tables = new SegmentTables(segments.values());
  let rows = 0;
  for (const entry of segments.values()) {
    for (const text of ['msg:/time[a-z]ut/', 'msg:timeout', 'msg:*imeou*', 'msg:*']) {
      const { may, surely } = compileSql(parseQuery(text).filter, clock, tables.of(entry));
      const [where, sure] = [may, surely].map(({ text: sql, params }) => withLiterals(sql, params) ?? 'NULL');
      const path = parquetPath(`${store.dir}/default`, entry);
      const result = await connection.runAndReadAll(
        `SELECT count(*), count(*) FILTER (NOT (${sure})) FROM read_parquet('${path}') WHERE ${where}`,
      );
      const [matching, unsure] = result.getRows()[0] ?? [];
      rows += Number(matching);
      expect(`${text} ${unsure}`).toBe(`${text} 0`);
    }
  }
  expect(rows).toBeGreaterThan(100);
});
