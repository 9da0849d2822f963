import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasField } from '../../src/lib/query/absent-fields.ts';
import { parseQuery } from '../../src/lib/query/parse.ts';
import { allAliases } from '../../src/lib/record/aliases.ts';
import type { LogRecord } from '../../src/lib/record/record.ts';
import type { Damage, LogStore, ReadReport, SearchPlan } from '../../src/lib/store/store.ts';

/** A store under test. `ingest` resolves when its lines are acknowledged. */
export interface StoreUnderTest {
  readonly store: LogStore;
  ingest(lines: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

const clock = { now: 1_700_000_000_000_000_000n, zone: 'UTC' };
const LEVELS = ['INFO', 'WARN', 'ERROR'];
const START = Date.UTC(2023, 10, 14, 22);

/** 300 events over three hours and two days, out of order, every third time shared by two events. */
const LINES = Array.from({ length: 300 }, (_, n) => {
  const at = START + ((n * 7919) % 200) * 54_000;
  return Buffer.from(
    JSON.stringify({
      '@timestamp': new Date(at).toISOString(),
      level: LEVELS[n % 3],
      service: `s${n % 4}`,
      message: `event ${n} x${n % 10}`,
      n,
    }),
  );
});

const HOSTILE = [
  Buffer.from('\ufeff{"message":"bom"}'),
  Buffer.from('plain text, no time'),
  Buffer.from([0x66, 0xff, 0xfe, 0x00, 0x67]),
  Buffer.from('{"~f":1,"life":"0011223344556677","seq":1}'),
  Buffer.from('{"a":1,"a":2,"big":9007199254740993,"f":1.0}'),
  Buffer.from(' \t'),
  Buffer.from('x'),
  Buffer.from('{"message":"cr"}\r'),
  Buffer.from("'; DROP TABLE t; --"),
  Buffer.from('\u001b[31mred\u001b[0m \u2028'),
];

/** Names of every kind. */
const FIELDS = [
  Buffer.from('{"msg":"a","http":{"status":200,"list":[{"deep":1}]},"dotted.name":true,"ключ":"x","tenant":"t"}'),
  Buffer.from('{"msg":"{\\"inside\\":{\\"of\\":1}}","log.level":"x","level":"info","\\u0065scaped":0,"pod_id":"p"}'),
  Buffer.from('10.0.0.1 - - [14/Nov/2023:22:00:00 +0000] "GET /path HTTP/1.1" 200 12'),
];

const NAMES = [
  'n',
  'a',
  'big',
  'http',
  'http.status',
  'http.list.deep',
  'dotted.name',
  'ключ',
  '_tenant',
  'inside.of',
  'escaped',
  'pod',
  'status',
  'path',
  'bytes',
];

async function all(store: LogStore, query: string, plan: Partial<SearchPlan> = {}): Promise<LogRecord[]> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const asked: SearchPlan = { filter: parseQuery(query).filter, range: {}, clock, order: 'oldest', ...plan };
  const records: LogRecord[] = [];
  for await (const batch of store.search(asked, report, new AbortController().signal)) records.push(...batch);
  expect(report.damage).toEqual([]);
  return records;
}

const fail = (damage: Damage): void => expect.fail(`damaged: ${damage.where}: ${damage.what}`);

const texts = (records: readonly LogRecord[]): string[] =>
  records.map(({ raw }) => Buffer.from(raw).toString('latin1'));

/**
 * What every implementation of `LogStore` must do. `follows`: whether it has anything to follow. `placeOf`: what equal
 * times are ordered by, where log ids do not sort as texts. `inParts`: what arrives comes from several places, each in
 * its own order, and can be searched some time after it was acknowledged.
 */
export function storeContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  options: { readonly follows: boolean; readonly placeOf?: (record: LogRecord) => string; readonly inParts?: boolean },
): void {
  describe(`${name} as a LogStore`, () => {
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    it('gives every event back byte for byte, once', async () => {
      await under.ingest([...LINES, ...HOSTILE]);
      const found = texts(await all(under.store, ''));
      expect(found.sort()).toEqual([...LINES, ...HOSTILE].map((line) => line.toString('latin1')).sort());
    });

    it('calls no field absent that has values, and knows the newest event, where it knows anything', async () => {
      const { store } = under;
      if (store.glimpse === undefined) return;
      const { signal } = new AbortController();
      const none = await store.glimpse(['n'], 1000, signal);
      expect(none).toMatchObject({ newest: undefined, all: true, absent: new Set(['n']) });
      await under.ingest([...LINES, ...HOSTILE, ...FIELDS]);
      const records = await all(store, '');
      const asked = [...NAMES, ...[...allAliases().keys()], 'pod_id', '_x', '', 'nosuch', 'http.nosuch', 'ключ', 'нет'];
      const seen = await store.glimpse(asked, 1000, signal);
      expect([...seen.absent].filter((field) => hasField(records, field))).toEqual([]);
      expect([...seen.present].filter((field) => !hasField(records, field))).toEqual([]);
      expect([...seen.names].filter((field) => !hasField(records, field))).toEqual([]);
      expect([...seen.absent]).toEqual(expect.arrayContaining(['host', 'nosuch', 'http.nosuch']));
      expect([...seen.present]).toEqual(expect.arrayContaining(['service', 'app', 'message', 'n', 'pod_id']));
      expect(seen).toMatchObject({ newest: records.at(-1)?.ts, all: true });
      expect(await store.glimpse([], 10, signal)).toMatchObject({ newest: records.at(-1)?.ts, all: false });
    });

    it('orders by time, then log id, both ways, and ids are different', async () => {
      await under.ingest(LINES);
      const oldest = await all(under.store, '');
      const placeOf = options.placeOf ?? (({ log_id }) => log_id);
      const keys = oldest.map((record) => `${record.ts.toString().padStart(20, '0')} ${placeOf(record)}`);
      expect(keys).toEqual([...keys].sort());
      expect(new Set(oldest.map(({ log_id }) => log_id)).size).toBe(LINES.length);
      const newest = await all(under.store, '', { order: 'newest' });
      expect(newest.map(({ log_id }) => log_id)).toEqual(oldest.map(({ log_id }) => log_id).reverse());
    });

    it('limits to the first in order', async () => {
      await under.ingest(LINES);
      for (const order of ['oldest', 'newest'] as const) {
        const whole = texts(await all(under.store, 'level:ERROR', { order }));
        expect(whole).toHaveLength(100);
        expect(texts(await all(under.store, 'level:ERROR', { order, limit: 7 }))).toEqual(whole.slice(0, 7));
      }
    });

    it('takes a range with its start and without its end', async () => {
      await under.ingest(LINES);
      const whole = await all(under.store, '');
      const from = whole[40]?.ts ?? 0n;
      const to = whole[200]?.ts ?? 0n;
      const found = await all(under.store, '', { range: { from, to } });
      expect(texts(found)).toEqual(texts(whole.filter(({ ts }) => ts >= from && ts < to)));
    });

    it.each([
      ['x3', 30],
      ['level:ERROR service:s1', 25],
      ['n>=290', 10],
      ['-level:INFO', 200],
      ['nowhere_at_all', 0],
    ])('finds what %s means', async (query, count) => {
      await under.ingest(LINES);
      expect(await all(under.store, query)).toHaveLength(count);
    });

    it.each(['', 'level:ERROR', 'x3', 'n>=100'])('counts as it finds: %s', async (query) => {
      await under.ingest(LINES);
      const report: ReadReport = { scanned: 0, damage: [] };
      const filter = parseQuery(query).filter;
      const table = await under.store.aggregate(
        {
          filter,
          range: {},
          clock,
          functions: [{ kind: 'count' }],
          by: [
            { kind: 'field', field: 'service' },
            { kind: 'every', interval: 3_600_000_000_000n },
          ],
        },
        report,
        new AbortController().signal,
      );
      const counts = new Map<string, number>();
      for (const { service, ts } of await all(under.store, query)) {
        const key = `${service} ${ts - (ts % 3_600_000_000_000n)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect(new Map(table.rows.map(([service, hour, count]) => [`${service} ${hour}`, count]))).toEqual(counts);
    });

    it('ends a search by its signal', async () => {
      await under.ingest(LINES);
      const controller = new AbortController();
      controller.abort(new Error('enough'));
      const plan: SearchPlan = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' };
      const search = async (): Promise<void> => {
        for await (const _ of under.store.search(plan, { scanned: 0, damage: [] }, controller.signal)) continue;
      };
      await expect(search()).rejects.toThrow('enough');
    });

    if (options.follows)
      it('follows what arrives after the call, once, within a second', async () => {
        await under.ingest(LINES.slice(0, 100));
        const controller = new AbortController();
        const followed = under.store.follow({ filter: { kind: 'all' }, clock }, fail, controller.signal);
        await new Promise((resolve) => setTimeout(resolve, 50));
        const found: string[] = [];
        const reading = (async () => {
          for await (const batch of followed) found.push(...texts(batch));
        })();
        await under.ingest(LINES.slice(100, 200));
        await under.ingest(LINES.slice(200));
        const expected = LINES.slice(100).map((line) => line.toString('latin1'));
        const until = Date.now() + (options.inParts === true ? 20_000 : 0);
        while (found.length < expected.length && Date.now() < until)
          await new Promise((resolve) => setTimeout(resolve, 50));
        await new Promise((resolve) => setTimeout(resolve, 1000));
        controller.abort();
        await reading;
        if (options.inParts === true) {
          found.sort();
          expected.sort();
        }
        expect(found).toEqual(expected);
      });
  });
}
