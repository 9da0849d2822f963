import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import type { RowRun, SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { makeSegments, type SegmentPlan } from '../../../../../src/lib/adapters/embedded/seal/make-segments.ts';
import { totalsIn, totalsOf } from '../../../../../src/lib/adapters/embedded/seal/totals.ts';
import { deleteSpareFiles } from '../../../../../src/lib/adapters/embedded/seal/plain-files.ts';
import { allOf, type Selection } from '../../../../../src/lib/adapters/embedded/seal/source-block.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { mayHoldToken } from '../../../../../src/lib/adapters/embedded/segment/filters.ts';
import { decodeIndex, type SegmentIndex } from '../../../../../src/lib/adapters/embedded/segment/idx.ts';
import { idxPath, parquetPath } from '../../../../../src/lib/adapters/embedded/segment/segment.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const RECEIVED = Date.parse('2024-03-09T00:00:00Z');
let tenantDir = '';
let duck: Duck;
let told: string[] = [];

beforeEach(async () => {
  tenantDir = temporaryFolder();
  told = [];
  duck = await Duck.open({ threads: 1, memory: 256, folder: tenantDir });
  onTestFinished(() => duck.close());
});

/** Events of one frame. */
function frame(seq: number, texts: readonly string[], writer = '0123456789ab'): Selection {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const text of texts) {
    starts.push(at);
    at += Buffer.byteLength(text) + 1;
    ends.push(at - 1);
  }
  const place = { writer, seq, received: RECEIVED, idOf: (event: number) => `${writer}-${seq}-${event}` };
  return allOf({
    bytes: Buffer.from(texts.map((text) => `${text}\n`).join('')),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    lines: Uint32Array.from(starts, (_, line) => line),
    frames: [{ events: texts.length, context: {}, receivedAt: BigInt(RECEIVED) * 1_000_000n, ...place }],
  });
}

function make(events: readonly Selection[], options: Partial<SegmentPlan> = {}) {
  const totals = totalsOf(events.map(totalsIn));
  const plan = { fs: nodeFs, duck, tenantDir, name: 'x-1-1', columns: undefined, totals, ids: false, level: 3 };
  return makeSegments({ ...plan, tell: (problem) => void told.push(problem), ...options }, events);
}

async function indexOf(entry: Pick<SegmentEntry, 'day' | 'name'>): Promise<SegmentIndex> {
  return decodeIndex(await nodeFs.readFile(idxPath(tenantDir, entry)), 'x');
}

async function column(entry: Pick<SegmentEntry, 'day' | 'name'>, name: string): Promise<string[]> {
  const path = parquetPath(tenantDir, entry);
  const chunks = await duck.query(`SELECT CAST(${name} AS VARCHAR) FROM read_parquet('${path}')`, []);
  return chunks.flatMap((chunk) =>
    Array.from({ length: chunk.rowCount }, (_, at) => String(chunk.getColumnVector(0).getItem(at))),
  );
}

/** Files of the segments being made. */
function left(): string[] {
  deleteSpareFiles();
  return readdirSync(tenantDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('x-1-1'));
}

const event = (at: number, day = 1): string =>
  `{"time":"2024-03-0${day}T00:00:00Z","pod":"pod${at % 7}","n":${at},"msg":"number w${at}"}`;

const events = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => event(from + at));

describe('makeSegments', () => {
  it('fills row groups over the ends of what it is given, and keeps where each row came from', async () => {
    const parts = [frame(1, events(0, 1500)), frame(2, events(1500, 1501)), frame(3, events(1501, 6000))];
    const { entries } = await make(parts, { groupBytes: 1, ids: true });
    const [entry] = entries;
    expect(entry).toMatchObject({ day: '2024.03.01', rows: 6000, counts: [[null, 'UNKNOWN', 474792, 6000]] });
    expect(entry?.columns).toEqual([
      { key: 'pod', type: 'text' },
      { key: 'n', type: 'int' },
    ]);
    const { groups, runs } = await indexOf(entry as SegmentEntry);
    expect(groups.map(({ rows }) => rows)).toEqual([2048, 2048, 1904]);
    expect(runs.map(({ seq, line, rows }: RowRun) => [seq, line, rows])).toEqual([
      [1, 0, 1500],
      [2, 0, 1],
      [3, 0, 4499],
    ]);
    const holding = (token: string): boolean[] => groups.map(({ filters }) => mayHoldToken(filters, token));
    expect([holding('w0'), holding('w2047'), holding('w2048'), holding('w5999')]).toEqual([
      [true, false, false],
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect((await column(entry as SegmentEntry, 'k1')).slice(1499, 1502)).toEqual(['1499', '1500', '1501']);
    expect((await column(entry as SegmentEntry, 'id')).slice(1499, 1502)).toEqual([
      '0123456789ab-1-1499',
      '0123456789ab-2-0',
      '0123456789ab-3-0',
    ]);
    deleteSpareFiles();
    expect(readdirSync(join(tenantDir, '2024.03.01')).sort()).toEqual(['x-1-1.idx', 'x-1-1.parquet']);
  });

  it('makes a segment for each day, their row groups full though days are mixed', async () => {
    const texts = Array.from({ length: 9000 }, (_, at) => event(at, 1 + (at % 3)));
    const { entries } = await make([frame(1, texts.slice(0, 5000)), frame(2, texts.slice(5000))], { groupBytes: 1 });
    expect(entries.map(({ day, rows }) => [day, rows])).toEqual([
      ['2024.03.01', 3000],
      ['2024.03.02', 3000],
      ['2024.03.03', 3000],
    ]);
    for (const [at, entry] of entries.entries()) {
      const { groups } = await indexOf(entry);
      expect(groups.map(({ rows }) => rows)).toEqual([2048, 952]);
      const expected = Array.from({ length: 3000 }, (_, row) => `number w${row * 3 + at}`);
      expect(await column(entry, 'message')).toEqual(expected);
    }
  });

  it('gives days with enough a segment of their own, 64 at the most, and all others one', async () => {
    const day = (n: number): string => new Date(Date.UTC(2023, 0, 1 + n, 12)).toISOString();
    const texts = Array.from({ length: 80 * 3 }, (_, n) => `{"time":"${day(n % 80)}","message":"m"}`);
    const few = await make([frame(1, texts)]);
    expect(few.entries.map(({ rows, days }) => [rows, days?.length])).toEqual([
      [3, undefined],
      [237, 79],
    ]);
    const each = await make([frame(1, texts)], { leastBytes: 1, name: 'x-1-2' });
    expect(each.entries.map(({ rows, days }) => [rows, days?.length])).toEqual([
      ...Array.from({ length: 64 }, () => [3, undefined]),
      [48, 16],
    ]);
    expect(each.entries.at(-1)).toMatchObject({
      day: '2023.03.06',
      days: Array.from({ length: 16 }, (_, n) =>
        day(64 + n)
          .slice(0, 10)
          .replaceAll('-', '.'),
      ),
    });
    const together = await make([frame(1, texts.slice(0, 3))], { together: true, name: 'x-1-3' });
    expect(together.entries).toMatchObject([{ rows: 3, days: ['2023.01.01', '2023.01.02', '2023.01.03'] }]);
    const one = await make([frame(1, texts.slice(0, 1))], { together: true, name: 'x-1-4' });
    expect(one.entries.map(({ days }) => days)).toEqual([undefined]);
  });

  it('keeps a value as text where one in the segment is no canonical number', async () => {
    const odd = ['007', '1e3', '-0', '1234567890123456', '1.0'].map((n) => `{"n":"${n}"}`);
    for (const text of odd) {
      const { entries } = await make([frame(1, [...events(0, 10), text])], { name: `x-1-${odd.indexOf(text)}` });
      const columns = entries.flatMap((entry) => entry.columns);
      expect(
        columns.find(({ key }) => key === 'n'),
        text,
      ).toEqual(expect.objectContaining({ type: entries.length === 1 ? 'text' : 'int' }));
    }
  });

  it('says which columns do not tell all', async () => {
    const odd = ['{"n":1,"pod":"a","app":null}', '{"n":2,"pod":["b"],"app":"c"}', '{"n":3,"app":"d"}'];
    const { entries } = await make([frame(1, odd)], { columns: ['n', 'pod', 'app'] });
    expect(entries.map(({ columns, opaque }) => [columns.map(({ key }) => key), opaque])).toEqual([
      [
        ['n', 'pod', 'app'],
        [1, 2],
      ],
    ]);
    const { entries: plain } = await make([frame(1, odd.slice(2))], { columns: ['n', 'pod', 'app'], name: 'x-1-2' });
    expect(plain.map(({ opaque }) => opaque)).toEqual([undefined]);
  });

  it('keeps values that come again and others in one column', async () => {
    const ids = Array.from({ length: 5000 }, (_, at) => (at < 1500 || at % 3 === 0 ? `r-${at}` : 'the same again'));
    const lines = ids.map((id, at) => (at % 7 === 0 ? '{"n":1}' : `{"id":"${id}","n":1}`));
    const { entries } = await make([frame(1, lines)], { columns: ['id'] });
    const [entry] = entries;
    if (entry === undefined) throw new Error('no segment');
    expect(await column(entry, 'k0')).toEqual(ids.map((id, at) => (at % 7 === 0 ? 'null' : id)));
  });

  it('tries again with smaller row groups where memory is short, and says so', async () => {
    let refused = 0;
    const short = Object.create(duck) as Duck;
    short.query = async (sql, params, signal) => {
      if (sql.startsWith('COPY') && refused++ === 0) throw new Error('Out of Memory Error: failed to allocate');
      return duck.query(sql, params, signal);
    };
    const { entries } = await make([frame(1, events(0, 9000))], { duck: short, groupBytes: 6144 * 80 });
    expect(told).toEqual([expect.stringMatching(/row groups of 6144 rows; it gets smaller ones/)]);
    const { groups } = await indexOf(entries[0] as SegmentEntry);
    expect(groups.map(({ rows }) => rows)).toEqual([2048, 2048, 2048, 2048, 808]);
    expect(groups.map(({ filters }) => mayHoldToken(filters, 'w0'))).toEqual([true, true, true, false, false]);
  });

  it('does so with a DuckDB that has little memory, and every row is there', { timeout: 60_000 }, async () => {
    let state = 7;
    const word = (): string =>
      (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1).toString(36).padStart(12, '0');
    const texts = Array.from({ length: 6 * 2048 }, (_, at) => {
      const message = Array.from({ length: 60 }, word).join(' ');
      return JSON.stringify({ time: new Date(Date.UTC(2024, 2, 1) + at).toISOString(), message });
    });
    const sizes = new Map<number, number>();
    for (const memory of [64, 40, 32]) {
      const small = await Duck.open({ threads: 1, memory, folder: tenantDir });
      onTestFinished(() => small.close());
      told = [];
      const name = `x-1-${memory}`;
      const { entries } = await make([frame(1, texts)], { duck: small, groupBytes: 1e9, name });
      const [entry] = entries;
      if (entry === undefined) throw new Error('nothing was made');
      const { groups } = await indexOf(entry);
      expect(groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(texts.length);
      expect(groups.every(({ rows }) => rows % 2048 === 0)).toBe(true);
      if (groups.length > 1) expect(told.length).toBeGreaterThan(0);
      sizes.set(memory, groups.length);
    }
    expect(sizes.get(64)).toBe(1);
    expect(sizes.get(32)).toBeGreaterThan(1);
    // With less than any row group takes nothing is left behind.
    const none = await Duck.open({ threads: 1, memory: 20, folder: tenantDir });
    onTestFinished(() => none.close());
    const failing = make([frame(1, texts)], { duck: none, groupBytes: 1e9, name: 'x-1-20' });
    await expect(failing).rejects.toThrow(/out of memory/i);
    const files = readdirSync(tenantDir, { recursive: true }).map(String);
    expect(files.filter((file) => file.includes('x-1-20'))).toEqual([]);
  });

  it('makes a row group without the scanner where that would not give back an event, and says so', async () => {
    const differs = vi.spyOn(Scanner.prototype, 'firstDifference').mockReturnValueOnce(17);
    onTestFinished(() => differs.mockRestore());
    const { entries } = await make([frame(5, events(0, 3000))], { groupBytes: 1 });
    expect(told).toEqual([
      expect.stringMatching(/^the scanner would not have given back line 17 of frame 5 as it came/),
    ]);
    expect((await column(entries[0] as SegmentEntry, 'message')).at(17)).toBe('number w17');
    expect(await column(entries[0] as SegmentEntry, 'k0')).toHaveLength(3000);
  });

  it('ends row groups of long lines early, and keeps their filters', async () => {
    const long = 'lorem ipsum '.repeat(1000);
    const texts = events(0, 2200).map((text) => text.replace('number', long));
    const { entries } = await make([frame(1, texts)], { columns: [] });
    const { groups } = await indexOf(entries[0] as SegmentEntry);
    expect(groups.map(({ rows, open }) => [rows < 2048, open])).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(groups.map(({ filters }) => mayHoldToken(filters, 'w2199'))).toEqual([false, true]);
  });

  it('gives up when it is told to, and leaves nothing', async () => {
    const stop = new AbortController();
    const parts = {
      *[Symbol.iterator]() {
        yield frame(1, events(0, 3000));
        stop.abort(new Error('enough'));
        yield frame(2, events(3000, 6000));
      },
    };
    await expect(
      makeSegments(
        {
          fs: nodeFs,
          duck,
          tenantDir,
          name: 'x-1-1',
          columns: [],
          totals: { rows: 6000, rawBytes: 0 },
          ids: false,
          level: 3,
          groupBytes: 1,
          tell: (problem) => void told.push(problem),
          signal: stop.signal,
        },
        parts,
      ),
    ).rejects.toThrow('enough');
    expect(left()).toEqual([]);
  });

  it.each([
    ['less', 31, 0],
    ['twice', 29, 0],
    ['with a byte more', 30, -1],
  ])('refuses segments that have an event %s, and leaves nothing', async (_, rows, bytes) => {
    const given = [frame(1, [...events(0, 20), ...Array.from({ length: 10 }, (_each, at) => event(at, 2))])];
    const { rawBytes } = totalsOf(given.map(totalsIn));
    await expect(make(given, { totals: { rows, rawBytes: rawBytes + bytes } })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(left()).toEqual([]);
  });
});
