import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { DayRows } from '../../../../../src/lib/adapters/embedded/seal/day-rows.ts';
import { compareRows } from '../../../../../src/lib/adapters/embedded/seal/read-back.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { COLUMNS } from '../../../../../src/lib/query/sql-columns.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const COMPARED: readonly string[] = [
  COLUMNS.ts,
  COLUMNS.line,
  COLUMNS.lineBytes,
  COLUMNS.rest,
  COLUMNS.traceId,
  COLUMNS.spanId,
];
const OTHERS = Object.values(COLUMNS).filter((name) => !COMPARED.includes(name));

/** Compares a log of these events with a segment that has others, all else being equal. */
async function compare(events: readonly string[], written: readonly string[]): Promise<void> {
  const folder = temporaryFolder();
  const duck = await Duck.open({ threads: 1, memory: 256, folder });
  onTestFinished(() => duck.close());
  const parquet = join(folder, 'x.parquet');
  const rest = OTHERS.map((name) => `1 AS ${name}`).join(', ');
  const row = (text: string, at: number): string =>
    `SELECT ${at}::BIGINT AS ${COLUMNS.ts}, decode(unhex('${Buffer.from(text).toString('hex')}')) AS ${COLUMNS.line},
       NULL::BLOB AS ${COLUMNS.lineBytes}, ${rest}`;
  await duck.query(`COPY (${written.map(row).join(' UNION ALL ')}) TO '${parquet}' (FORMAT parquet)`, []);
  const index = Buffer.from('index');
  const idx = join(folder, 'x.idx');
  writeFileSync(idx, index);
  const log = Buffer.from(events.map((text) => `${text}\n`).join(''));
  const starts: number[] = [];
  const ends: number[] = [];
  for (const text of events) {
    starts.push(ends.length === 0 ? 0 : (ends.at(-1) ?? 0) + 1);
    ends.push((starts.at(-1) ?? 0) + Buffer.byteLength(text));
  }
  const rows: Pick<DayRows, 'rows' | 'starts' | 'ends' | 'times' | 'ids'> = {
    ids: false,
    rows: events.length,
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    times: BigInt64Array.from(events, (_, at) => BigInt(at)),
  };
  await compareRows(duck, nodeFs, { parquet, idx, index, plain: parquet, rows, log });
}

const LINES = ['Errör\n  at a', 'x', 'one\n\ntwo', '1,2'];

it('takes a segment with the events of the log', async () => {
  await compare(LINES, LINES);
});

it.each([
  ['a line moved to the next', ['a\nb', 'c'], ['a', 'b\nc']],
  ['two lines moved that make up for each other', ['a\na', 'a', 'a', 'a\na'], ['a', 'a\na', 'a\na', 'a']],
  ['a line of no bytes moved', ['a\n', 'b'], ['a', '\nb']],
  ['another text of the same length', ['a\nb', 'c'], ['a\nb', 'd']],
  ['more behind the last', ['a', 'b'], ['a', 'b\nc']],
])('refuses one whose events are others: %s', async (_, events, written) => {
  await expect(compare(events, written)).rejects.toMatchObject({ code: 'INTERNAL' });
});
